import { readFile } from 'node:fs/promises';

/** Resident memory of a process, in megabytes. */
export async function megabytesOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) / 1024;
}

/** A metric from a server's GET /metrics; `name` is without its prefix. */
export async function metricOf(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^keywright_${name} (\\S+)$`, 'm').exec(text)![1]);
}
