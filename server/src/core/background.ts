import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';

/** Lower than that of work that somebody waits for. */
const THREAD_NICENESS = 10;
const PROCESS_NICENESS = 5;

/**
 * Lets this thread step back behind others when there are not enough processors for all. Linux gives each thread a priority
 * of its own; elsewhere nothing happens.
 */
export function yieldThread(): void {
  if (process.platform !== 'linux') return;
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    setPriority(thread, THREAD_NICENESS);
  } catch {
    // Without it everything works, only less evenly.
  }
}

/** Lets another process of this machine step back, if it may be told. */
export function yieldProcess(pid: number): void {
  try {
    setPriority(pid, PROCESS_NICENESS);
  } catch {
    // It belongs to another user.
  }
}
