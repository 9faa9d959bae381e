import { readFileSync, readlinkSync } from 'node:fs';
import { availableParallelism, setPriority } from 'node:os';

/** The lowest priority, which uses only idle time; with a single processor that could starve the thread, so it gets more. */
const NICENESS = availableParallelism() > 1 ? 19 : 5;

/**
 * Lowers the priority of this thread, so that others go first when processors are scarce. Linux has a priority per thread;
 * on other systems this does nothing.
 */
export function yieldThread(): void {
  if (process.platform !== 'linux') return;
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    setPriority(thread, NICENESS);
  } catch {
    // Everything works without it, only less evenly.
  }
}

/** Lowers the priority of a process that serves this one if it runs on this machine, we may, and its title starts with `name`. */
export function yieldProcess(pid: number, name: string): void {
  try {
    if (readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith(name)) setPriority(pid, NICENESS);
  } catch {
    // The process runs elsewhere or belongs to another user.
  }
}
