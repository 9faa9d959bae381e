import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createKey, signIn, verify, type CreatedKey } from '../support/peers/client.js';
import { keywrightCommand, type Ran } from '../support/servers/command-line.js';
import { eventually } from '../support/eventually.js';
import { request } from '../support/peers/graphql.js';
import { People } from '../support/seed/people.js';
import { spawnServer, type ServerProcess } from '../support/servers/server-process.js';
import { startKeywright, temporaryDirectory, type Keywright } from '../support/servers/start-keywright.js';

vi.setConfig({ testTimeout: 120_000 });

/** After this time, every running process knows of a rotation. */
const KNOWN_MS = 1000;

let keywright: Keywright;
let other: ServerProcess;
let otherUrl: string;
let otherDir: string;
let bearer: string;
let gateway: CreatedKey;

beforeAll(async () => {
  keywright = await startKeywright();
  bearer = await signIn(keywright.url);
  gateway = await createKey(keywright.url, { bearer }, { permissions: ['keywright.verify'] });
  otherDir = await temporaryDirectory();
  other = spawnServer({ ...keywright.settings, KEYWRIGHT_DATA_DIR: otherDir });
  otherUrl = await other.ready();
});
afterAll(async () => {
  await other.stop();
  await keywright.stop();
  await rm(otherDir, { recursive: true, force: true });
});

const newKey = (): Promise<CreatedKey> => createKey(keywright.url, { bearer });
const command = (...args: string[]): Promise<Ran> => keywrightCommand(keywright.settings, args);
const codeOf = async (secret: string, url = keywright.url): Promise<string> =>
  (await verify(url, gateway.secret, { key: secret })).body.code;
const regenerate = async (id: string, overlapSeconds: number): Promise<string> => {
  const { regenerateApiKey } = await request<{ regenerateApiKey: { secret: { secret: string } } }>(
    keywright.url,
    'mutation ($id: ID!, $overlap: Int) { regenerateApiKey(id: $id, overlapSeconds: $overlap) { secret { secret } } }',
    { id, overlap: overlapSeconds },
    { bearer },
  );
  return regenerateApiKey.secret.secret;
};
const revoke = (id: string): Promise<unknown> =>
  request(
    keywright.url,
    'mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { id } } }',
    { id },
    { bearer },
  );
const found = async (secret: string): Promise<string[]> => {
  const data = await request<{ apiKeys: { nodes: { id: string }[] } }>(
    keywright.url,
    `query ($search: String) { apiKeys(filter: { search: $search, status: [ACTIVE, REVOKED] }) { nodes { id } } }`,
    { search: secret },
    { bearer },
  );
  return data.apiKeys.nodes.map(({ id }) => id);
};

interface Row {
  readonly pepper: number;
  readonly previous: number | null;
  readonly version: number;
  readonly updated: string;
  readonly events: number;
}
const rowOf = async (id: string): Promise<Row> => {
  const [row] = await keywright.database.query<Row>(
    `select pepper_id as pepper, previous_pepper_id as previous, secret_version as version, updated_at::text as updated,
       (select count(*)::int from audit_event where target_id = k.id) as events from api_key k where id = $1`,
    [id],
  );
  return row!;
};

/** Verifies these keys on both servers continuously; ending it returns the codes. */
function trickle(secrets: readonly string[]): () => Promise<string[]> {
  const codes: string[] = [];
  const end = new AbortController();
  const running = [keywright.url, otherUrl].map(async (url) => {
    for (let i = 0; !end.signal.aborted; i++) {
      codes.push(await codeOf(secrets[i % secrets.length]!, url));
      await sleep(10);
    }
  });
  return async () => {
    end.abort();
    await Promise.all(running);
    return codes;
  };
}

test('the pepper is rotated under load: nothing is rejected, and keys move when they are used', async () => {
  const [used, unused, overlapping, revoked, gone] = (await Promise.all([1, 2, 3, 4, 5].map(newKey))) as [
    CreatedKey,
    CreatedKey,
    CreatedKey,
    CreatedKey,
    CreatedKey,
  ];
  await revoke(gone.id);
  const before = await rowOf(used.id);
  expect(before).toMatchObject({ pepper: 1, previous: null, version: 1 });
  const end = trickle([used.secret]);
  await sleep(200);
  const { code, stdout } = await command('rotate', 'pepper');
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /Pepper 2 is now in use\.\n\d keys have older digests; they move when they are next used\./,
  );
  await sleep(KNOWN_MS);

  const fresh = await newKey();
  expect(await rowOf(fresh.id)).toMatchObject({ pepper: 2 });
  expect(await codeOf(fresh.secret)).toBe('VALID');
  await eventually(async () => expect(await rowOf(used.id)).toEqual({ ...before, pepper: 2 }), 15_000);
  await eventually(async () => expect((await rowOf(gateway.id)).pepper).toBe(2), 15_000);
  // Long enough for the writes to return through the change feed of both servers, and for a second attempt.
  await sleep(2500);
  const codes = await end();
  expect(codes.length).toBeGreaterThan(100);
  expect(codes.filter((code) => code !== 'VALID')).toEqual([]);
  expect(await rowOf(used.id)).toEqual({ ...before, pepper: 2 });

  // Unused keys still work.
  expect(await rowOf(unused.id)).toMatchObject({ pepper: 1 });
  for (const key of [unused, fresh, used]) expect(await found(key.secret), key.name).toEqual([key.id]);
  expect(await found(gone.secret)).toEqual([gone.id]);
  expect(await codeOf(gone.secret)).toBe('KEY_REVOKED');
  expect(await codeOf(`${gone.secret.slice(0, 20)}${unused.secret.slice(20)}`)).toBe('KEY_MALFORMED');

  // Both secrets of an overlap work, each with the pepper that it was issued with.
  const second = await regenerate(overlapping.id, 600);
  expect(await rowOf(overlapping.id)).toMatchObject({ pepper: 2, previous: 1, version: 2 });
  for (const url of [keywright.url, otherUrl]) {
    await eventually(async () => expect(await codeOf(second, url)).toBe('VALID'));
    expect(await codeOf(overlapping.secret, url)).toBe('VALID');
  }
  for (const secret of [overlapping.secret, second]) expect(await found(secret)).toEqual([overlapping.id]);

  // A key revoked before its migration stays unmigrated, and only its holder learns that it is revoked.
  await revoke(revoked.id);
  await eventually(async () => expect(await codeOf(revoked.secret, otherUrl)).toBe('KEY_REVOKED'));
  expect(await found(revoked.secret)).toEqual([revoked.id]);
  // So does one revoked after its migration.
  await revoke(used.id);
  await eventually(async () => expect(await codeOf(used.secret, otherUrl)).toBe('KEY_REVOKED'));
  expect(await found(used.secret)).toEqual([used.id]);
  await sleep(2500);
  expect(await rowOf(revoked.id)).toMatchObject({ pepper: 1 });

  const report = await command('check');
  expect(report).toMatchObject({ code: 0, stderr: '' });
  expect(report.stdout).toContain(
    '1 key is digested with pepper 1, and moves to the current pepper when it is next used.',
  );
});

test('an overlap outlives further rotations, and a key whose current secret moves keeps the previous one', async () => {
  const key = await newKey();
  const first = (await rowOf(key.id)).pepper;
  const second = await regenerate(key.id, 600);
  expect(await rowOf(key.id)).toMatchObject({ pepper: first, previous: first });
  expect((await command('rotate', 'pepper')).code).toBe(0);
  await sleep(KNOWN_MS);
  await eventually(async () => {
    expect(await codeOf(second)).toBe('VALID');
    expect(await rowOf(key.id)).toMatchObject({ pepper: first + 1, previous: first });
  }, 15_000);
  for (const url of [keywright.url, otherUrl]) {
    for (const secret of [key.secret, second]) expect(await codeOf(secret, url)).toBe('VALID');
  }
  const third = await regenerate(key.id, 0);
  expect(await rowOf(key.id)).toMatchObject({ pepper: first + 1, previous: null });
  expect(await codeOf(third)).toBe('VALID');
  for (const secret of [key.secret, second]) expect(await codeOf(secret)).toBe('KEY_NOT_FOUND');
});

test('the encryption key is rotated: second factors keep working, and new ones use it', async () => {
  const people = new People(keywright, { bearer });
  const keyIdOf = async (id: string): Promise<number> => {
    const [row] = await keywright.database.query<{ sealed: Buffer }>(
      'select sealed_secret as sealed from two_factor where user_id = $1',
      [id],
    );
    return row!.sealed[0]!;
  };
  const person = await people.add();
  const { authenticator } = await people.enrol(await people.signIn(person), person.password);
  expect(await keyIdOf(person.id)).toBe(1);

  const { code, stdout } = await command('rotate', 'encryption-key');
  expect(code).toBe(0);
  expect(stdout).toMatch(/Encryption key 2 is now in use\.\nResealed: 1 second factors\./);
  expect(await keyIdOf(person.id)).toBe(2);
  const answer = await people.complete(await people.challenge(person), await authenticator.fresh());
  expect(answer.data?.answer.session?.token).toBeTruthy();

  const later = await people.add();
  await people.enrol(await people.signIn(later), later.password);
  expect(await keyIdOf(later.id)).toBe(2);
  const report = await command('check');
  expect(report).toMatchObject({ code: 0, stderr: '' });
  expect(report.stdout).toMatch(
    /Encryption key 2 is in use\.\nSealed with encryption key 2: 2 second factors\./,
  );

  const rows = await keywright.database.query(
    `select actor_kind, changes from audit_event where action = 'setting.updated' order by seq`,
  );
  expect(rows).toEqual([
    { actor_kind: 'SYSTEM', changes: { pepperId: { before: 1, after: 2 } } },
    { actor_kind: 'SYSTEM', changes: { pepperId: { before: 2, after: 3 } } },
    { actor_kind: 'SYSTEM', changes: { encryptionKeyId: { before: 1, after: 2 } } },
  ]);
});

test('no id follows the last one', async () => {
  await keywright.database.query('update installation set pepper_id = 65535');
  expect(await command('rotate', 'pepper')).toMatchObject({
    code: 1,
    stderr: 'All IDs have been used; there is none left to rotate to.\n',
  });
  await sleep(KNOWN_MS);
  const key = await newKey();
  expect(await rowOf(key.id)).toMatchObject({ pepper: 65_535 });
  expect(await codeOf(key.secret)).toBe('VALID');
});
