import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../..');

/** Output and exit code of a command. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** All output of commands so far, also in earlier test files. */
export const printed: string[] = [];

/** Runs the built command line with only these settings plus PATH and HOME; `stdin` is its whole input. */
export function keywrightCommand(
  settings: Record<string, string>,
  args: readonly string[],
  stdin = '',
): Promise<Ran> {
  const child = spawn(process.execPath, [join(root, 'server/dist/cli.js'), ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TMPDIR: process.env['TMPDIR'], ...settings },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined).end(stdin);
  return new Promise((done) => {
    child.once('close', (code) => {
      printed.push(stdout, stderr);
      done({ code, stdout, stderr });
    });
  });
}
