import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = resolve(import.meta.dirname, '../../..');
const STOP_TIMEOUT_MS = 25_000;

/** How a server process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The built server as a child process. */
export interface ServerProcess {
  readonly pid: number;
  /** All output so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves when the process has ended. */
  readonly ended: Promise<Exit>;
  /** Resolves with the base URL from the ready line; rejects if the process ends or `timeoutMs` pass first. */
  ready(timeoutMs?: number): Promise<string>;
  /** Stops it gracefully and waits; a process that does not stop in time is killed and fails the test. */
  stop(signal?: NodeJS.Signals): Promise<Exit>;
}

/** Runs `server/dist/main.js` with only these settings plus PATH and HOME, in `cwd` if given. */
export function spawnServer(settings: Record<string, string>, cwd = root): ServerProcess {
  const child = spawn(process.execPath, [join(root, 'server/dist/main.js')], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TMPDIR: process.env['TMPDIR'], ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  let exit: Exit | undefined;
  const ended = new Promise<Exit>((resolveEnd) => {
    child.once('close', (code, signal) => resolveEnd((exit = { code, signal })));
  });
  const killed = (): void => void child.kill('SIGKILL');
  process.once('exit', killed);
  void ended.then(() => process.off('exit', killed));

  return {
    pid: child.pid!,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    async ready(timeoutMs = 60_000) {
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        const url = /^Keywright is ready at (http:\S+)/m.exec(stdout)?.[1];
        if (url) return url.replace(/\/+$/, '');
        if (exit || performance.now() > deadline) {
          child.kill('SIGKILL');
          throw new Error(`The server did not become ready.\n${stdout}\n${stderr}`);
        }
        await sleep(20);
      }
    },
    async stop(signal = 'SIGTERM') {
      if (exit) return exit;
      child.kill(signal);
      const late = sleep(STOP_TIMEOUT_MS, undefined, { ref: false }).then(() => undefined);
      const result = await Promise.race([ended, late]);
      if (result) return result;
      child.kill('SIGKILL');
      throw new Error(
        `The server did not stop within ${STOP_TIMEOUT_MS} ms of ${signal}.\n${stdout}\n${stderr}`,
      );
    },
  };
}
