import { Worker } from 'node:worker_threads';

// In its own thread, because the main thread may hang, or a system call that a clean exit would wait for.
const PROGRAM = `
const { workerData } = require('node:worker_threads');
setTimeout(() => process.kill(process.pid, 'SIGKILL'), workerData);
`;

/** Kills this process after `milliseconds`, whatever it hangs in. */
export function cutOffAfter(milliseconds: number): void {
  const kill = (): void => void process.kill(process.pid, 'SIGKILL');
  try {
    const watch = new Worker(PROGRAM, { eval: true, execArgv: [], workerData: milliseconds });
    watch.on('error', () => setTimeout(kill, milliseconds).unref());
    watch.unref();
  } catch {
    setTimeout(kill, milliseconds).unref();
  }
}
