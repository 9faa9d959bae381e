import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
// Ours comes last, as a fallback for machines without curl.
const path = [process.env['PATH'], join(import.meta.dirname, 'bin')].join(delimiter);

/** The output of `curl -i`. */
export interface CurlAnswer {
  readonly status: number;
  readonly body: string;
}

/** Runs shell lines unchanged, with these variables added to the tests' own; returns their output. */
export async function runShell(
  code: string,
  { env = {}, cwd }: { env?: Record<string, string>; cwd?: string } = {},
): Promise<string> {
  const options = { env: { ...process.env, PATH: path, ...env }, timeout: 60_000, ...(cwd ? { cwd } : {}) };
  return (await run('sh', ['-c', code], options)).stdout;
}

/** Runs a pasted `curl -i` snippet in a shell, unchanged. */
export async function runCurl(snippet: string): Promise<CurlAnswer> {
  const stdout = await runShell(snippet);
  const [head = '', ...rest] = stdout.replaceAll('\r\n', '\n').split('\n\n');
  const status = Number(/^HTTP\/\S+ (\d{3})/.exec(head)?.[1]);
  return { status, body: rest.join('\n\n').trim() };
}
