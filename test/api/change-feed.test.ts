import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createKey, sandbox, signIn, type CreatedKey } from '../support/peers/client.js';
import { eventually } from '../support/eventually.js';
import { request } from '../support/peers/graphql.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';

let keywright: Keywright;
let bearer: string;
let clients: pg.Client[] = [];

const create = (overrides: Record<string, unknown> = {}): Promise<CreatedKey> =>
  createKey(keywright.url, { bearer }, overrides);

const codeOf = async (key: CreatedKey): Promise<string> => {
  const response = await sandbox(keywright.url, 'production/ping', key.secret);
  return response.status === 200 ? 'VALID' : ((await response.json()) as { code: string }).code;
};

/** The test's own connection, bypassing the server. */
async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: keywright.database.url });
  client.on('error', () => undefined);
  await client.connect();
  clients.push(client);
  return client;
}

const disable = (client: pg.Client, key: CreatedKey): Promise<unknown> =>
  client.query('update api_key set enabled = false where id = $1', [key.id]);

beforeAll(async () => {
  keywright = await startKeywright();
  bearer = await signIn(keywright.url);
});
afterAll(() => keywright.stop());
beforeEach(async () => {
  await Promise.all(clients.map((client) => client.end()));
  clients = [];
});

describe('the change feed', () => {
  test('applies what another process commits, on its own', async () => {
    const key = await create();
    expect(await codeOf(key)).toBe('VALID');
    await disable(await connect(), key);
    await eventually(async () => expect(await codeOf(key)).toBe('KEY_DISABLED'), 2000);
  });

  test('ignores rolled-back changes', async () => {
    const [key, other] = [await create(), await create()];
    const client = await connect();
    await client.query('begin');
    await disable(client, key);
    await client.query('rollback');
    await disable(client, other);
    await eventually(async () => expect(await codeOf(other)).toBe('KEY_DISABLED'), 2000);
    expect(await codeOf(key)).toBe('VALID');
  });

  test('narrows every key of a role when the role changes', async () => {
    const client = await connect();
    await client.query(`insert into role (id, name, permissions) values ($1, 'Feed', '{device.read}')`, [
      'rol_01h455vb4pex5vsknk084sn02q',
    ]);
    // The server learns of a role added directly to the database a moment later.
    const key = await eventually(() =>
      create({ permissions: undefined, grants: [{ roleId: 'rol_01h455vb4pex5vsknk084sn02q' }] }),
    );
    const devices = async (): Promise<number> =>
      (await sandbox(keywright.url, 'production/devices', key.secret)).status;
    expect(await devices()).toBe(200);
    await client.query(`update role set permissions = '{}' where name = 'Feed'`);
    await eventually(async () => expect(await devices()).toBe(403), 2000);
  });

  test('continues when its notification connection, and then every connection, is cut', async () => {
    const [first, second] = [await create(), await create()];
    const client = await connect();
    await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'keywright listener' and datname = current_database()`,
    );
    await disable(client, first);
    await eventually(async () => expect(await codeOf(first)).toBe('KEY_DISABLED'), 3000);
    await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()`,
    );
    expect(await codeOf(second)).toBe('VALID');
    await disable(client, second);
    await eventually(async () => expect(await codeOf(second)).toBe('KEY_DISABLED'), 5000);
  });

  test('applies a change before the mutation answers, and reports it', async () => {
    for (let i = 0; i < 10; i++) {
      const key = await create();
      expect(await codeOf(key)).toBe('VALID');
      const { disableApiKey } = await request<{ disableApiKey: { propagation: Record<string, unknown> } }>(
        keywright.url,
        `mutation ($id: ID!) { disableApiKey(id: $id) { propagation { changeToken nodes applied milliseconds } } }`,
        { id: key.id },
        { bearer },
      );
      expect(await codeOf(key)).toBe('KEY_DISABLED');
      expect(disableApiKey.propagation).toMatchObject({ nodes: 1, applied: 1 });
      const { propagation } = await request<{ propagation: Record<string, unknown> }>(
        keywright.url,
        `query ($token: String!) { propagation(changeToken: $token) { nodes applied } }`,
        { token: disableApiKey.propagation['changeToken'] },
        { bearer },
      );
      expect(propagation).toEqual({ nodes: 1, applied: 1 });
    }
  });
});
