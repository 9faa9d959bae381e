import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeLicensor, writeLicense } from '../support/seed/license.js';
import { spawnServer } from '../support/servers/server-process.js';
import { temporaryDirectory } from '../support/servers/start-keywright.js';

const licensor = makeLicensor();
const token = licensor.sign({ holder: 'Example GmbH', maximumKeys: 3, validUntil: null });

let directory: string;
beforeAll(async () => {
  directory = await temporaryDirectory();
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** The output of a server with these settings, which exits before it uses its database. */
async function refusal(env: Record<string, string>): Promise<string> {
  const DATABASE_URL = 'postgres://nobody@127.0.0.1:1/none';
  const server = spawnServer({ PORT: '0', DATABASE_URL, KEYWRIGHT_DATA_DIR: directory, ...env });
  const { code } = await server.ended;
  expect(code, server.stdout()).toBeGreaterThan(0);
  expect(server.stderr()).not.toMatch(/^\s+at /m);
  return server.stderr();
}

describe('the server does not start', () => {
  test('with a license but no public key', async () => {
    const KEYWRIGHT_LICENSE_FILE = await writeLicense(directory, token);
    expect(await refusal({ KEYWRIGHT_LICENSE_FILE })).toContain('requires KEYWRIGHT_LICENSE_PUBLIC_KEY');
  });

  test('with a license signed by another key, and says so', async () => {
    const KEYWRIGHT_LICENSE_FILE = await writeLicense(directory, token);
    const KEYWRIGHT_LICENSE_PUBLIC_KEY = makeLicensor().publicKey;
    const said = await refusal({ KEYWRIGHT_LICENSE_FILE, KEYWRIGHT_LICENSE_PUBLIC_KEY });
    expect(said).toContain(KEYWRIGHT_LICENSE_FILE);
    expect(said).toContain('signature');
  });

  test('without the configured license file, and names it', async () => {
    const KEYWRIGHT_LICENSE_FILE = `${directory}/none.jws`;
    const KEYWRIGHT_LICENSE_PUBLIC_KEY = licensor.publicKey;
    expect(await refusal({ KEYWRIGHT_LICENSE_FILE, KEYWRIGHT_LICENSE_PUBLIC_KEY })).toContain(
      KEYWRIGHT_LICENSE_FILE,
    );
  });
});
