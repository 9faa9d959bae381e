import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey, signIn } from '../../support/peers/client.js';
import { codes, graphql, request } from '../../support/peers/graphql.js';
import { People } from '../../support/seed/people.js';
import { startKeywright, type Keywright } from '../../support/servers/start-keywright.js';

let keywright: Keywright;
let owner: { bearer: string };
let people: People;
beforeAll(async () => {
  keywright = await startKeywright();
  owner = { bearer: await signIn(keywright.url) };
  people = new People(keywright, owner);
});
afterAll(() => keywright.stop());

interface Listed {
  readonly id: string;
  readonly action: string;
}
const listed = async (action: string): Promise<readonly Listed[]> => {
  const query =
    'query ($action: String!) { auditEvents(filter: { action: $action }) { nodes { id action } } }';
  const { auditEvents } = await request<{ auditEvents: { nodes: Listed[] } }>(
    keywright.url,
    query,
    { action },
    owner,
  );
  return auditEvents.nodes;
};
const actions = async (): Promise<string[]> =>
  (await keywright.database.query<{ action: string }>('select action from audit_event order by seq')).map(
    ({ action }) => action,
  );
const disable = (userId: string) =>
  graphql(
    keywright.url,
    'mutation ($id: ID!) { updateUser(input: { id: $id, enabled: false }) { enabled } }',
    { id: userId },
    owner,
  );

let inserted = 0;
/** Adds an event as a process of an earlier version does. */
async function formerEvent(action: string, targetId: string | null = null): Promise<string> {
  const id = `aud_01h455vb4pex5vsknk08${String(100_000 + ++inserted)}`;
  await keywright.database.query(
    `insert into audit_event (id, at, actor_kind, actor_name, action, target_type, target_id, changes)
     values ($1, now(), 'SYSTEM', 'Keywright', $2, 'ApiKey', $3, '{}')`,
    [id, action, targetId],
  );
  return id;
}

describe('an event of an earlier version', () => {
  test('is shown and found under the current name, and found under its former one', async () => {
    const key = await createKey(keywright.url, owner);
    const id = await formerEvent('apiKey.create', key.id);
    const events = await listed('api_key.created');
    expect(events.map((event) => event.id)).toContain(id);
    expect(events.length).toBeGreaterThan(1);
    expect(new Set(events.map(({ action }) => action))).toEqual(new Set(['api_key.created']));
    expect(await listed('apiKey.create')).toEqual(events);
  });

  test('is shown under the current name in the history of its key', async () => {
    const key = await createKey(keywright.url, owner);
    await formerEvent('apiKey.regenerate', key.id);
    const { apiKey } = await request<{ apiKey: { auditEvents: { nodes: Listed[] } } }>(
      keywright.url,
      'query ($id: ID!) { apiKey(id: $id) { auditEvents { nodes { action } } } }',
      { id: key.id },
      owner,
    );
    expect(apiKey.auditEvents.nodes).toEqual([
      { action: 'api_key.regenerated' },
      { action: 'api_key.created' },
    ]);
  });

  test('of an unknown type is shown and found unchanged', async () => {
    const id = await formerEvent('some.thing');
    expect(await listed('some.thing')).toEqual([{ id, action: 'some.thing' }]);
  });

  test('keeps its hash', async () => {
    const { verifyAuditLog } = await request<{ verifyAuditLog: { intact: boolean } }>(
      keywright.url,
      '{ verifyAuditLog { intact } }',
      {},
      owner,
    );
    expect(verifyAuditLog).toEqual({ intact: true });
  });
});

test('a former name that was split finds all matching current events', async () => {
  const { id } = await people.add();
  const before = await listed('user.update');
  expect((await disable(id)).errors).toEqual([]);
  const after = await listed('user.update');
  expect(after.slice(0, after.length - before.length).map(({ action }) => action)).toEqual(['user.disabled']);
  expect(await listed('user.updated')).toEqual([]);
});

test('a name that cannot be stored finds nothing', async () => {
  expect(await listed('api_key\u0000.created')).toEqual([]);
});

test('a mutation that changes both fields and switches records an event for each, fields first', async () => {
  const key = await createKey(keywright.url, owner);
  const before = (await actions()).length;
  await request(
    keywright.url,
    'mutation ($id: ID!) { updateApiKey(input: { id: $id, description: "Nightly", enabled: false, locked: true }) { apiKey { id } } }',
    { id: key.id },
    owner,
  );
  expect((await actions()).slice(before)).toEqual(['api_key.updated', 'api_key.locked', 'api_key.disabled']);
});

test('a mutation that is rejected or changes nothing records nothing', async () => {
  const key = await createKey(keywright.url, owner, { locked: true });
  const before = await actions();
  const revoked = await graphql(
    keywright.url,
    'mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { id } } }',
    { id: key.id },
    owner,
  );
  expect(codes(revoked)).toEqual(['KEY_LOCKED']);
  const taken = await graphql(
    keywright.url,
    'mutation ($name: String!) { createApiKey(input: { name: $name, permissions: [] }) { apiKey { id } } }',
    { name: key.name },
    owner,
  );
  expect(codes(taken)).toEqual(['NAME_TAKEN']);
  await request(
    keywright.url,
    'mutation ($id: ID!) { lockApiKey(id: $id) { apiKey { id } } }',
    key as never,
    owner,
  );
  expect(await actions()).toEqual(before);
});

describe('the subscriber of a disabled user', () => {
  const sessionsOf = (id: string) =>
    keywright.database.query('select 1 from session where user_id = $1', [id]);

  test('ends their sessions and their open link in the transaction of the event', async () => {
    const person = await people.add();
    await people.signIn(person);
    await people.link(person.id);
    expect((await sessionsOf(person.id)).length).toBeGreaterThan(0);
    expect((await disable(person.id)).errors).toEqual([]);
    expect(await sessionsOf(person.id)).toEqual([]);
    expect(
      await keywright.database.query('select 1 from password_link where user_id = $1', [person.id]),
    ).toEqual([]);
    const [event] = await keywright.database.query<{ xids: number }>(
      `select count(distinct x)::int as xids from (
         select xmin::text as x from audit_event where target_id = $1 and action = 'user.disabled'
         union all select xmin::text from app_user where id = $1) written`,
      [person.id],
    );
    expect(event).toEqual({ xids: 1 });
  });

  test('rolls the change back if it fails, and nothing is recorded', async () => {
    const person = await people.add();
    const bearer = await people.signIn(person);
    const before = await actions();
    await keywright.database.query(`create function refuse() returns trigger language plpgsql as $$
      begin raise exception 'sessions cannot end now'; end $$`);
    await keywright.database.query(
      'create trigger refuse before delete on session for each row execute function refuse()',
    );
    try {
      expect(codes(await disable(person.id))).toEqual(['INTERNAL']);
    } finally {
      await keywright.database.query('drop trigger refuse on session');
      await keywright.database.query('drop function refuse');
    }
    expect(await actions()).toEqual(before);
    const { viewer } = await request<{ viewer: { user: { id: string } } }>(
      keywright.url,
      '{ viewer { user { id } } }',
      {},
      { bearer },
    );
    expect(viewer.user.id).toBe(person.id);
    expect((await disable(person.id)).errors).toEqual([]);
  });
});
