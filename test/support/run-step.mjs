import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';

const LIMIT_MS = 40 * 60_000;
/** Characters of what a failed test said that the summary repeats. */
const MAX_WORDS = 1500;
const groups = new Set();

// All temporary files of the run, so that none is left behind, however a step ends.
const scratch = mkdtempSync(join(tmpdir(), 'keywright-run-'));
// PostgreSQL's own account passes through here when the run is root's.
chmodSync(scratch, 0o711);
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

/** Runs one command as a test of its own: it passes when the exit code is 0. */
export async function runCheck({ cwd, command }) {
  return (await run(command, cwd)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** Runs vitest with the given arguments and counts its tests; a run without a test counts as failed. */
export async function runVitest({ cwd, command }) {
  const report = join(mkdtempSync(join(scratch, 'report-')), 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await run([...command, ...reporters], cwd);
  return count(code, report, cwd);
}

/** Ends every command that is still running, with all that it started, and then this process. */
export function stopSteps() {
  for (const pid of groups) kill(pid, 'SIGTERM');
  setTimeout(() => {
    for (const pid of groups) kill(pid, 'SIGKILL');
    process.exit(130);
  }, 3_000);
}

// A process group of its own: whatever a step left running ends with it.
function run([command, ...args], cwd) {
  const env = { ...process.env, TMPDIR: scratch };
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  groups.add(child.pid);
  const limit = setTimeout(() => {
    console.error(`Stopped: it took longer than ${LIMIT_MS / 60_000} minutes.`);
    kill(child.pid, 'SIGKILL');
  }, LIMIT_MS);
  return new Promise((resolve) => {
    const end = (code) => {
      clearTimeout(limit);
      groups.delete(child.pid);
      kill(child.pid, 'SIGKILL');
      resolve(code);
    };
    child.once('error', (error) => {
      console.error(error.message);
      end(1);
    });
    child.once('exit', (code) => end(code ?? 1));
  });
}

function kill(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // Nothing of the group is left.
  }
}

function count(code, report, cwd) {
  let result;
  try {
    result = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return { passed: 0, failed: 1 };
  }
  // A file that could not be loaded has no test to fail, and a test that was skipped promised nothing.
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

// What failed in a file and why, in short: a summary is read where the whole output may no longer be at hand.
function wordsOf({ name, message, assertionResults }) {
  const failed = assertionResults.filter((test) => test.status === 'failed');
  if (failed.length === 0) return message ? [`${name}: ${shorten(message)}`] : [];
  return failed.map((test) => `${name}: ${test.fullName}\n${shorten(test.failureMessages.join('\n'))}`);
}

const shorten = (text) => (text.length > MAX_WORDS ? `${text.slice(0, MAX_WORDS)}…` : text);
