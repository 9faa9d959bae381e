import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks per second in /proc; the same on all Linux systems that Node supports. */
const TICKS = 100;

/** The fields of a stat file after the name, which can contain anything; the first is the state. */
function fieldsOf(path: string): string[] | undefined {
  try {
    const text = readFileSync(path, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

const secondsOf = (fields: readonly string[], from: number, to: number): number =>
  fields.slice(from, to).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS;

/** CPU seconds that a process has used; 0 once it is gone. */
export function cpuSecondsOf(pid: number): number {
  const fields = fieldsOf(`/proc/${pid}/stat`);
  return fields ? secondsOf(fields, 11, 13) : 0;
}

/** CPU seconds that a process has used in its own code, without those of the kernel; 0 once it is gone. */
export function userSecondsOf(pid: number): number {
  const fields = fieldsOf(`/proc/${pid}/stat`);
  return fields ? secondsOf(fields, 11, 12) : 0;
}

/** CPU seconds of a process and its children, including ended ones. */
export function cpuSecondsOfTree(pid: number): number {
  const own = fieldsOf(`/proc/${pid}/stat`);
  let sum = own ? secondsOf(own, 11, 15) : 0;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const fields = fieldsOf(`/proc/${entry}/stat`);
    if (fields && Number(fields[1]) === pid) sum += secondsOf(fields, 11, 13);
  }
  return sum;
}

/** CPU seconds and name of each thread of a process, by thread id. */
export function cpuSecondsByThread(pid: number): Map<string, { name: string; seconds: number }> {
  const threads = new Map<string, { name: string; seconds: number }>();
  for (const id of readdirSync(`/proc/${pid}/task`)) {
    const fields = fieldsOf(`/proc/${pid}/task/${id}/stat`);
    if (!fields) continue;
    const name = readFileSync(`/proc/${pid}/task/${id}/comm`, 'utf8').trim();
    threads.set(id, { name, seconds: secondsOf(fields, 11, 13) });
  }
  return threads;
}

/** Resident memory of a process, in bytes. */
export function residentBytesOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}
