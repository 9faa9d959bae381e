import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKey, signIn } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { startKeywright, type Keywright } from '../support/start-keywright.js';

const root = resolve(import.meta.dirname, '../..');

let keywright: Keywright;
let directory: string;

beforeAll(async () => {
  keywright = await startKeywright();
  // From there the packages are found that the tests have.
  directory = await mkdtemp(join(root, 'test/node_modules/.readme-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
  await keywright.stop();
});

test('the Express app of the README works as it stands', async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const [, code] = /^## From Node\n.*?^```js\n(.*?)^```$/ms.exec(readme)!;
  await writeFile(join(directory, 'app.mjs'), code!);
  const bearer = await signIn(keywright.url);
  const [asker, reader] = [
    await createKey(keywright.url, { bearer }, { permissions: ['keywright.verify'] }),
    await createKey(keywright.url, { bearer }, { permissions: ['view_customer'] }),
  ];
  const app = spawn(process.execPath, ['app.mjs'], {
    cwd: directory,
    env: { PATH: process.env['PATH'], PORT: '0', KEYWRIGHT_URL: keywright.url, KEYWRIGHT_KEY: asker.secret },
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
  }
  expect([await ended, output]).toEqual([0, expect.stringMatching(/^Listening on port \d+\n$/)]);
});
