import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';

/** Longer where property tests run longer. */
const limitMs = () => (process.env.KEYWRIGHT_TEST_LONG === '1' ? 4 : 1) * 40 * 60_000;
/** Max characters of a failure message in the summary. */
const MAX_WORDS = 1500;
const groups = new Set();

// One directory for all temporary files of the run, so that none is left behind however a step ends.
const scratch = mkdtempSync(join(tmpdir(), 'keywright-run-'));
// PostgreSQL's own account must be able to traverse it if root runs the tests.
chmodSync(scratch, 0o711);
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

/** Runs one command as a test: it passes if the exit code is 0. */
export async function runCheck({ cwd, command, write }) {
  return (await run(command, cwd, write)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** Runs Vitest with the given arguments and counts its tests; a run without tests counts as failed. */
export async function runVitest({ cwd, command, write }) {
  const report = join(mkdtempSync(join(scratch, 'report-')), 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await run([...command, ...reporters], cwd, write);
  return count(code, report, cwd);
}

/** Ends every running command with its descendants, and then this process. */
export function stopSteps() {
  for (const pid of groups) kill(pid, 'SIGTERM');
  setTimeout(() => {
    for (const pid of groups) kill(pid, 'SIGKILL');
    process.exit(130);
  }, 3_000);
}

// A separate process group, so that anything a step leaves running ends with it.
function run([command, ...args], cwd, write) {
  const env = { ...process.env, TMPDIR: scratch, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}) };
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  groups.add(child.pid);
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', write);
  const limit = setTimeout(() => {
    write(`Stopped: it took longer than ${limitMs() / 60_000} minutes.\n`);
    kill(child.pid, 'SIGKILL');
  }, limitMs());
  return new Promise((resolve) => {
    child.once('error', (error) => {
      write(`${error.message}\n`);
      clearTimeout(limit);
      groups.delete(child.pid);
      resolve(1);
    });
    child.once('exit', () => {
      clearTimeout(limit);
      groups.delete(child.pid);
      kill(child.pid, 'SIGKILL');
    });
    // After the last output.
    child.once('close', (code) => resolve(code ?? 1));
  });
}

function kill(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has already ended.
  }
}

function count(code, report, cwd) {
  let result;
  try {
    result = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return { passed: 0, failed: 1 };
  }
  // A file that failed to load has no tests to fail, and a skipped test proves nothing.
  const brokenFiles = result.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const passed = result.numPassedTests;
  const failed = result.numFailedTests + result.numPendingTests + result.numTodoTests + brokenFiles;
  const silent = failed === 0 && (code !== 0 || passed === 0);
  return {
    passed,
    failed: silent ? 1 : failed,
    words: result.testResults.flatMap(wordsOf),
    files: result.testResults.map(({ name, startTime, endTime }) => ({
      name: relative(dirname(cwd), name),
      ms: endTime - startTime,
    })),
  };
}

// A short list of failures, as the full output may no longer be available where the summary is read.
function wordsOf({ name, message, assertionResults }) {
  const failed = assertionResults.filter((test) => test.status === 'failed');
  if (failed.length === 0) return message ? [`${name}: ${shorten(message)}`] : [];
  return failed.map((test) => `${name}: ${test.fullName}\n${shorten(test.failureMessages.join('\n'))}`);
}

const shorten = (text) => (text.length > MAX_WORDS ? `${text.slice(0, MAX_WORDS)}…` : text);
