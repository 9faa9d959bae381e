import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

const TAIL_LINES = 30;
const windows = process.platform === 'win32';
const running = new Set();

/** A failure that is explained by its message alone, without a stack. */
export class PlainError extends Error {}

/** Runs a command with its output in a log file; a failure throws the end of that log. */
export function runLogged(command, args, { cwd, logFile, what }) {
  const log = openSync(logFile, 'w');
  // A group of its own: stopping it stops what it started too, and Ctrl-C reaches only this process.
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

/** Stops every command that is still running, with all that it started. */
export function stopRunning() {
  for (const child of running) {
    try {
      if (windows) child.kill();
      else process.kill(-child.pid, 'SIGTERM');
    } catch {
      // It ended by itself in the meantime.
    }
  }
}

// NODE_ENV describes the server that will run, and would make the tools leave out what they need to build it.
function buildEnvironment() {
  const { NODE_ENV: _, ...environment } = process.env;
  return { ...environment, CI: 'true', npm_config_update_notifier: 'false' };
}

function tail(logFile) {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
}
