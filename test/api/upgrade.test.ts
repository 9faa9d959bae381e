import { createDataSource } from '@keywright/server/data-source';
import { ENTITIES } from '@keywright/server/entities';
import pgConnectionString from 'pg-connection-string';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKey, signIn, verify, type CreatedKey } from '../support/peers/client.js';
import { keywrightCommand } from '../support/servers/command-line.js';
import { freshDatabase, type FreshDatabase } from '../support/servers/fresh-database.js';
import { request } from '../support/peers/graphql.js';
import { OWNER, startKeywright } from '../support/servers/start-keywright.js';
import { spawnServer, type ServerProcess } from '../support/servers/server-process.js';

/** Tables of the first version with user data; parents first. */
const TABLES = ['app_user', 'user_grant', 'api_key', 'api_key_grant', 'api_key_usage', 'audit_event'];

let old: FreshDatabase;
let process: ServerProcess;
let url: string;
let settings: Record<string, string>;
let reader: CreatedKey;
let verifier: CreatedKey;
let close: () => Promise<void> = async () => undefined;

/** An empty database as created by the first version of Keywright. */
async function firstDatabase(): Promise<FreshDatabase> {
  const database = await freshDatabase();
  const { host, port, user, password, database: name } = pgConnectionString.parse(database.url);
  const place = { host: host!, port: Number(port), user: user!, password, database: name!, ssl: undefined };
  const dataSource = createDataSource(place, ENTITIES, () => undefined);
  await dataSource.initialize();
  const [first] = dataSource.migrations.filter((each) => each.constructor.name.startsWith('Initial'));
  dataSource.migrations.splice(0, Infinity, first!);
  await dataSource.runMigrations();
  await dataSource.destroy();
  return database;
}

/** Copies rows, limited to the columns of the older table. */
async function copyRows(from: FreshDatabase, to: FreshDatabase, table: string): Promise<void> {
  const known = await to.query<{ name: string }>(
    'select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped',
    [table],
  );
  const names = known.map(({ name }) => `"${name}"`).join(', ');
  const rows = await from.query<{ rows: unknown }>(`select jsonb_agg(r) as rows from ${table} r`);
  await to.query(
    `insert into ${table} (${names}) select ${names} from jsonb_populate_recordset(null::${table}, $1::jsonb)`,
    [JSON.stringify(rows[0]!.rows ?? [])],
  );
}

beforeAll(async () => {
  const source = await startKeywright();
  const bearer = await signIn(source.url);
  reader = await createKey(source.url, { bearer }, { name: 'Grüße', permissions: ['view_customer'] });
  verifier = await createKey(source.url, { bearer }, { permissions: ['keywright.verify'] });
  old = await firstDatabase();
  const [found] = await source.database.query<{ canary: Buffer }>('select canary from installation');
  await old.query('update installation set canary = $1', [found!.canary]);
  for (const table of TABLES) await copyRows(source.database, old, table);
  settings = {
    ...source.settings,
    DATABASE_URL: old.url,
    KEYWRIGHT_ADMIN_EMAIL: '',
    KEYWRIGHT_ADMIN_PASSWORD: '',
  };
  await source.process.stop();
  process = spawnServer(settings);
  close = async () => {
    await process.stop();
    await old.drop();
    await source.stop();
  };
  url = await process.ready();
}, 120_000);
afterAll(() => close());

test('a database of the first version is upgraded, and its keys verify', async () => {
  const wanted = { key: reader.secret, permission: 'view_customer' };
  expect((await verify(url, verifier.secret, wanted)).body).toMatchObject({
    code: 'VALID',
    keyId: reader.id,
  });
  expect((await verify(url, verifier.secret, { ...wanted, permission: 'view_invoice' })).body.code).toBe(
    'PERMISSION_DENIED',
  );
});

test('its people sign in, and find their keys by name in any spelling', async () => {
  const bearer = await signIn(url, OWNER);
  const found = await request<{ apiKeys: { nodes: { id: string }[] } }>(
    url,
    '{ apiKeys(first: 10, filter: { search: "GRÜẞE" }) { nodes { id } } }',
    {},
    { bearer },
  );
  expect(found.apiKeys.nodes).toEqual([{ id: reader.id }]);
});

test('later changes work, and keywright check finds no problems, including in old audit events', async () => {
  await createKey(url, { bearer: await signIn(url, OWNER) });
  const checked = await keywrightCommand(settings, ['check']);
  expect([checked.code, checked.stderr]).toEqual([0, '']);
});
