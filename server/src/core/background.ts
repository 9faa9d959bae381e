import { readFileSync, readlinkSync } from 'node:fs';
import { availableParallelism, setPriority } from 'node:os';

/** The lowest there is, which leaves what others do not use; with one processor only that could be nothing for long. */
const NICENESS = availableParallelism() > 1 ? 19 : 5;

/**
 * Lets this thread step back behind others when there are not enough processors for all. Linux gives each thread a priority
 * of its own; elsewhere nothing happens.
 */
export function yieldThread(): void {
  if (process.platform !== 'linux') return;
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    setPriority(thread, NICENESS);
  } catch {
    // Without it everything works, only less evenly.
  }
}

/** Lets a process that serves this one step back, if it is on this machine and may be told: its title begins with this name. */
export function yieldProcess(pid: number, name: string): void {
  try {
    if (readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith(name)) setPriority(pid, NICENESS);
  } catch {
    // It is elsewhere, or belongs to another user.
  }
}
