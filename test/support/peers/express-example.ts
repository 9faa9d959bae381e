import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect } from 'vitest';
import type { CreatedKey } from './client.js';
import { eventually } from '../eventually.js';

const PACKAGES = resolve(import.meta.dirname, '../../node_modules');

/** Runs the documented Express app unchanged, calls it with a key that can read customers, and stops it. */
export async function tryExpressApp(
  code: string,
  url: string,
  { verifier, reader }: { readonly verifier: CreatedKey; readonly reader: CreatedKey },
): Promise<void> {
  // From there, the packages of the tests resolve.
  const directory = await mkdtemp(join(PACKAGES, '.example-'));
  await writeFile(join(directory, 'app.mjs'), code);
  const app = spawn(process.execPath, ['app.mjs'], {
    cwd: directory,
    env: { PATH: process.env['PATH'], PORT: '0', KEYWRIGHT_URL: url, KEYWRIGHT_KEY: verifier.secret },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  app.stdout.on('data', (part) => (output += String(part)));
  app.stderr.on('data', (part) => (output += String(part)));
  const ended = new Promise<number | null>((done) => app.once('exit', done));
  try {
    const port = await eventually(() => {
      const [, found] = /^Listening on port (\d+)$/m.exec(output) ?? expect.fail(output);
      return found;
    });
    const call = (path: string, init: RequestInit = {}) =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        ...init,
        headers: { 'x-api-key': reader.secret, connection: 'close' },
      });
    const accepted = await call('/customers');
    expect(await accepted.json()).toEqual({ customers: [], askedBy: reader.name });
    expect((await call('/tickets', { method: 'POST' })).status).toBe(403);
  } finally {
    app.kill('SIGTERM');
    await ended;
    await rm(directory, { recursive: true, force: true });
  }
  expect([await ended, output]).toEqual([0, expect.stringMatching(/^Listening on port \d+\n$/)]);
}
