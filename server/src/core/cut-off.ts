import { Worker } from 'node:worker_threads';

// In a thread of its own: what hangs may hold the main one, or a call of the system that an orderly exit would wait for.
const PROGRAM = `
const { workerData } = require('node:worker_threads');
setTimeout(() => process.kill(process.pid, 'SIGKILL'), workerData);
`;

/** Ends this process after so many milliseconds, whatever it hangs in. */
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
