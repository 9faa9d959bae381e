import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

const TAIL_LINES = 30;
const windows = process.platform === 'win32';
const running = new Set();

/** An error whose message explains it without a stack trace. */
export class PlainError extends Error {}

/** Runs a command with its output in a log file; on failure, throws an error with the end of the log. */
export function runLogged(command, args, { cwd, logFile, what }) {
  const log = openSync(logFile, 'w');
  // In its own process group, so that stopping it stops its children too, and Ctrl-C reaches only this process.
  const child = spawn(command, args, {
    cwd,
    env: buildEnvironment(),
    stdio: ['ignore', log, log],
    detached: !windows,
    shell: windows,
  });
  closeSync(log);
  running.add(child);
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      running.delete(child);
      reject(new PlainError(`${what} could not start: ${error.message}`));
    });
    child.once('exit', (code) => {
      running.delete(child);
      if (code === 0) resolve();
      else reject(new PlainError(`${what} failed. The end of ${logFile}:\n\n${tail(logFile)}`));
    });
  });
}

/** Stops all running commands and their children. */
export function stopRunning() {
  for (const child of running) {
    try {
      if (windows) child.kill();
      else process.kill(-child.pid, 'SIGTERM');
    } catch {
      // It has ended by itself.
    }
  }
}

// NODE_ENV is for the server; with `production`, the tools would skip the dependencies that the build needs.
function buildEnvironment() {
  const { NODE_ENV: _, ...environment } = process.env;
  return { ...environment, CI: 'true', npm_config_update_notifier: 'false' };
}

function tail(logFile) {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
}
