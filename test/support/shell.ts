import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
// Ours comes last: it only stands in where the machine has no curl.
const path = [process.env['PATH'], join(import.meta.dirname, 'bin')].join(delimiter);

/** What `curl -i` printed. */
export interface CurlAnswer {
  readonly status: number;
  readonly body: string;
}

/** Runs lines of a shell as they stand, with these variables beside those of the tests; returns what they printed. */
export async function runShell(
  code: string,
  { env = {}, cwd }: { env?: Record<string, string>; cwd?: string } = {},
): Promise<string> {
  const options = { env: { ...process.env, PATH: path, ...env }, timeout: 60_000, ...(cwd ? { cwd } : {}) };
  return (await run('sh', ['-c', code], options)).stdout;
}

/** Runs a pasted `curl -i` snippet in a shell, as it stands. */
export async function runCurl(snippet: string): Promise<CurlAnswer> {
  const stdout = await runShell(snippet);
  const [head = '', ...rest] = stdout.replaceAll('\r\n', '\n').split('\n\n');
  const status = Number(/^HTTP\/\S+ (\d{3})/.exec(head)?.[1]);
  return { status, body: rest.join('\n\n').trim() };
}
