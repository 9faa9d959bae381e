import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey, sandbox, signIn, type CreatedKey } from '../support/peers/client.js';
import { codes, graphql, request, type GraphqlResponse } from '../support/peers/graphql.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';

let keywright: Keywright;
let bearer: string;

beforeAll(async () => {
  keywright = await startKeywright();
  bearer = await signIn(keywright.url);
});
afterAll(() => keywright.stop());

const create = (overrides: Record<string, unknown> = {}): Promise<CreatedKey> =>
  createKey(keywright.url, { bearer }, overrides);

const run = <Data = Record<string, never>>(
  query: string,
  variables: Record<string, unknown> = {},
): Promise<GraphqlResponse<Data>> => graphql<Data>(keywright.url, query, variables, { bearer });

/** Calls the sample API with a key; returns the status and, if rejected, the code. */
async function call(secret: string): Promise<[number, string | undefined]> {
  const response = await sandbox(keywright.url, 'production/ping', secret);
  const body = (await response.json()) as { code?: string };
  return [response.status, body.code];
}

const mutate = (field: string, id: string): Promise<GraphqlResponse<Record<string, never>>> =>
  run(`mutation ($id: ID!) { ${field}(id: $id) { apiKey { id status } propagation { nodes applied } } }`, {
    id,
  });

const regenerate = (
  id: string,
  overlapSeconds = 0,
  idempotencyKey: string | null = null,
): Promise<GraphqlResponse<{ regenerateApiKey: { secret: { secret: string } } }>> =>
  run(
    `mutation ($id: ID!, $overlapSeconds: Int!, $idempotencyKey: String) {
       regenerateApiKey(id: $id, overlapSeconds: $overlapSeconds, idempotencyKey: $idempotencyKey) { secret { secret } } }`,
    { id, overlapSeconds, idempotencyKey },
  );

const read = async (id: string): Promise<Record<string, unknown>> =>
  (
    await request<{ apiKey: Record<string, unknown> }>(
      keywright.url,
      `query ($id: ID!) { apiKey(id: $id) { id name description updatedAt environment status enabled locked maskedSecret permissions
         grants { scope { kind } role { name } permissions } rateLimits { name limit windowSeconds } allowedCidrs metadata
         expiresAt revokedAt revokedReason revokedBy { name } overlapEndsAt createdBy { kind name }
         auditEvents { nodes { action changes } } } }`,
      { id },
      { bearer },
    )
  ).apiKey;

describe('each change takes effect on the next call', () => {
  test('disabling and enabling', async () => {
    const key = await create();
    expect(await call(key.secret)).toEqual([200, undefined]);
    await mutate('disableApiKey', key.id);
    expect(await call(key.secret)).toEqual([401, 'KEY_DISABLED']);
    await mutate('enableApiKey', key.id);
    expect(await call(key.secret)).toEqual([200, undefined]);
  });

  test('regenerating without overlap: the new secret works, the old one does not', async () => {
    const key = await create();
    const { data } = await regenerate(key.id);
    expect(await call(key.secret)).toEqual([401, 'KEY_NOT_FOUND']);
    expect(await call(data!.regenerateApiKey.secret.secret)).toEqual([200, undefined]);
  });

  test('regenerating with an overlap: both work until it ends', async () => {
    const key = await create();
    const { data } = await regenerate(key.id, 3600);
    expect(await call(key.secret)).toEqual([200, undefined]);
    expect(await call(data!.regenerateApiKey.secret.secret)).toEqual([200, undefined]);
    expect((await read(key.id))['overlapEndsAt']).not.toBeNull();
    await mutate('endApiKeyOverlap', key.id);
    expect(await call(key.secret)).toEqual([401, 'KEY_NOT_FOUND']);
    expect(await call(data!.regenerateApiKey.secret.secret)).toEqual([200, undefined]);
  });

  test('locking protects from revocation; revocation is permanent', async () => {
    const key = await create();
    await mutate('lockApiKey', key.id);
    expect(codes(await mutate('revokeApiKey', key.id))).toEqual(['KEY_LOCKED']);
    expect(await call(key.secret)).toEqual([200, undefined]);
    await mutate('unlockApiKey', key.id);
    expect((await mutate('revokeApiKey', key.id)).errors).toEqual([]);
    expect(await call(key.secret)).toEqual([401, 'KEY_REVOKED']);
    for (const field of ['enableApiKey', 'disableApiKey', 'lockApiKey', 'revokeApiKey', 'endApiKeyOverlap']) {
      expect(codes(await mutate(field, key.id)), field).toEqual(['KEY_REVOKED']);
    }
    expect(codes(await regenerate(key.id))).toEqual(['KEY_REVOKED']);
    const update = await run(
      'mutation ($i: UpdateApiKeyInput!) { updateApiKey(input: $i) { apiKey { id } } }',
      {
        i: { id: key.id, name: 'again' },
      },
    );
    expect(codes(update)).toEqual(['KEY_REVOKED']);
    expect(await call(key.secret)).toEqual([401, 'KEY_REVOKED']);
  });

  test('an expired key is rejected, and works again once extended', async () => {
    const key = await create({ expiresAt: new Date(Date.now() + 1500).toISOString() });
    expect(await call(key.secret)).toEqual([200, undefined]);
    await new Promise((resolve) => setTimeout(resolve, 1600));
    expect(await call(key.secret)).toEqual([401, 'KEY_EXPIRED']);
    expect((await read(key.id))['status']).toBe('EXPIRED');
    await request(
      keywright.url,
      'mutation ($i: UpdateApiKeyInput!) { updateApiKey(input: $i) { apiKey { id } } }',
      { i: { id: key.id, expiresAt: null } },
      { bearer },
    );
    expect(await call(key.secret)).toEqual([200, undefined]);
  });

  test('narrowed permissions', async () => {
    const key = await create({ permissions: ['view_customer', 'ticket.read'] });
    expect((await sandbox(keywright.url, 'production/customers', key.secret)).status).toBe(200);
    await request(
      keywright.url,
      'mutation ($i: UpdateApiKeyInput!) { updateApiKey(input: $i) { apiKey { permissions } } }',
      { i: { id: key.id, permissions: [] } },
      { bearer },
    );
    const response = await sandbox(keywright.url, 'production/customers', key.secret);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: 'PERMISSION_DENIED' });
  });
});

describe('regenerate', () => {
  test('changes only the secret', async () => {
    const key = await create({
      description: 'nightly export',
      permissions: ['ticket.read'],
      rateLimits: [{ name: 'minute', limit: 100, windowSeconds: 60 }],
      allowedCidrs: ['127.0.0.1'],
      metadata: { team: 'billing' },
      expiresOn: '2099-12-31',
      locked: true,
    });
    const before = await read(key.id);
    await regenerate(key.id);
    const after = await read(key.id);
    expect(after['maskedSecret']).not.toBe(before['maskedSecret']);
    const settings = (key: Record<string, unknown>): Record<string, unknown> => ({
      ...key,
      maskedSecret: null,
      auditEvents: null,
      updatedAt: null,
    });
    expect(settings(after)).toEqual(settings(before));
    expect(before['expiresAt']).toBe('2099-12-31T23:59:59.000Z');
    expect(before['allowedCidrs']).toEqual(['127.0.0.1/32']);
  });

  test('twenty in parallel: one winner, one live secret', async () => {
    const key = await create();
    // Twenty open connections, so that the calls really arrive together.
    await Promise.all(Array.from({ length: 20 }, () => read(key.id)));
    const answers = await Promise.all(Array.from({ length: 20 }, () => regenerate(key.id)));
    const winners = answers.filter((answer) => answer.data !== null);
    const losers = answers.filter((answer) => answer.data === null);
    expect(winners).toHaveLength(1);
    expect(new Set(losers.flatMap(codes))).toEqual(new Set(['CONFLICT']));
    expect(await call(winners[0]!.data!.regenerateApiKey.secret.secret)).toEqual([200, undefined]);
    expect(await call(key.secret)).toEqual([401, 'KEY_NOT_FOUND']);
  });
});

describe('a repeated call', () => {
  test('creates no second key and never returns the secret again', async () => {
    const input = { name: 'Once only', idempotencyKey: 'form-1' };
    const mutation =
      'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } secret { secret } } }';
    const answers = await Promise.all([run(mutation, { input }), run(mutation, { input })]);
    const again = await run(mutation, { input: { ...input, name: 'Another name' } });
    expect(answers.filter((a) => a.data !== null)).toHaveLength(1);
    expect(answers.flatMap(codes)).toEqual(['CONFLICT']);
    expect(codes(again)).toEqual(['CONFLICT']);
    expect(JSON.stringify(again)).not.toContain('kw_live_');
  });

  test('regenerates once', async () => {
    const key = await create();
    const first = await regenerate(key.id, 0, 'click-1');
    expect(codes(await regenerate(key.id, 0, 'click-1'))).toEqual(['CONFLICT']);
    expect(await call(first.data!.regenerateApiKey.secret.secret)).toEqual([200, undefined]);
  });
});

describe('names', () => {
  test('are unique among unrevoked keys, ignoring case and spaces', async () => {
    const key = await create({ name: 'Partner Portal' });
    const twin = { input: { name: '  partner PORTAL ' } };
    const mutation =
      'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } } }';
    expect(codes(await run(mutation, twin))).toEqual(['NAME_TAKEN']);
    await mutate('revokeApiKey', key.id);
    expect(codes(await run(mutation, twin))).toEqual([]);
  });

  test('a race for one name has one winner and no internal error', async () => {
    const mutation =
      'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } } }';
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => run(mutation, { input: { name: 'Raced for' } })),
    );
    expect(answers.filter((a) => a.data !== null)).toHaveLength(1);
    expect(new Set(answers.flatMap(codes))).toEqual(new Set(['NAME_TAKEN']));
  });
});

describe('duplicate', () => {
  test('copies the settings under a new name with a new secret', async () => {
    const key = await create({ permissions: ['device.read'], environment: 'STAGING', metadata: { a: 1 } });
    const { duplicateApiKey } = await request<{
      duplicateApiKey: { apiKey: { id: string }; secret: { secret: string; apiUrl: string; csv: string } };
    }>(
      keywright.url,
      'mutation ($id: ID!) { duplicateApiKey(id: $id, name: "=cmd()") { apiKey { id } secret { secret apiUrl csv } } }',
      { id: key.id },
      { bearer },
    );
    const copy = await read(duplicateApiKey.apiKey.id);
    expect(copy).toMatchObject({ permissions: ['device.read'], environment: 'STAGING', metadata: { a: 1 } });
    expect(duplicateApiKey.secret.secret).toMatch(/^kw_stag_/);
    expect(duplicateApiKey.secret.apiUrl).toBe(`${keywright.url}/sandbox/staging`);
    expect(duplicateApiKey.secret.csv.split('\r\n')[1]).toMatch(/^'=cmd\(\),/);
    expect((await sandbox(keywright.url, 'staging/devices', duplicateApiKey.secret.secret)).status).toBe(200);
    expect((await sandbox(keywright.url, 'staging/devices', key.secret)).status).toBe(200);
  });
});

describe('a no-op change', () => {
  test('is neither written nor audited', async () => {
    const key = await create({ name: 'Unmoved', permissions: ['ticket.read'] });
    const before = await read(key.id);
    const answer = await run(
      'mutation ($i: UpdateApiKeyInput!) { updateApiKey(input: $i) { apiKey { id } } }',
      {
        i: { id: key.id, name: 'Unmoved', enabled: true, permissions: ['ticket.read'] },
      },
    );
    expect(answer.errors).toEqual([]);
    expect(await read(key.id)).toEqual(before);
  });
});

describe('every change is audited in the same transaction', () => {
  test('with actor, fields before and after, and no secret', async () => {
    const key = await create({ name: 'Audited' });
    await mutate('disableApiKey', key.id);
    await regenerate(key.id);
    const { auditEvents } = (await read(key.id)) as {
      auditEvents: { nodes: { action: string; changes: Record<string, unknown> }[] };
    };
    expect(auditEvents.nodes.map((e) => e.action)).toEqual([
      'api_key.regenerated',
      'api_key.disabled',
      'api_key.created',
    ]);
    expect(auditEvents.nodes[1]!.changes).toEqual({ enabled: { before: true, after: false } });
    expect(JSON.stringify(auditEvents)).not.toContain(key.secret.slice(8, 40));
  });

  test('a rejected change leaves no trace', async () => {
    const key = await create({ locked: true });
    await mutate('revokeApiKey', key.id);
    const { auditEvents } = (await read(key.id)) as { auditEvents: { nodes: unknown[] } };
    expect(auditEvents.nodes).toHaveLength(1);
  });

  test('and the hash chain reveals tampering', async () => {
    const verify = async (): Promise<unknown> =>
      (await run<{ verifyAuditLog: unknown }>('{ verifyAuditLog { intact checked firstBrokenId } }')).data!
        .verifyAuditLog;
    expect(await verify()).toMatchObject({ intact: true, firstBrokenId: null });
    await expect(keywright.database.query(`update audit_event set action = 'x'`)).rejects.toThrow(
      /cannot be changed/,
    );
    await keywright.database.query('alter table audit_event disable trigger audit_refuse');
    const [event] = await keywright.database.query<{ id: string; action: string }>(
      'select id, action from audit_event where seq = 3',
    );
    await keywright.database.query(`update audit_event set action = 'x' where seq = 3`);
    expect(await verify()).toMatchObject({ intact: false, firstBrokenId: event!.id });
    await keywright.database.query(`update audit_event set action = $1 where seq = 3`, [event!.action]);
    expect(await verify()).toMatchObject({ intact: true });
    await keywright.database.query(`delete from audit_event where seq = (select max(seq) from audit_event)`);
    expect(await verify()).toMatchObject({ intact: false });
  });
});

test('a tombstone keeps no credential, and the database itself rejects reviving it', async () => {
  const key = await create();
  await mutate('revokeApiKey', key.id);
  const [row] = await keywright.database.query<Record<string, unknown>>(
    'select secret_digest, previous_digest, length(revoked_fingerprint) as left from api_key where id = $1',
    [key.id],
  );
  expect(row).toEqual({ secret_digest: null, previous_digest: null, left: 16 });
  await expect(
    keywright.database.query('update api_key set revoked_at = null where id = $1', [key.id]),
  ).rejects.toThrow();
});

test('a failing mutation does not discard a secret that another mutation of its document issued', async () => {
  const issue = 'createApiKey(input: { name: $name, permissions: ["*"] }) { secret { secret } }';
  const document = `mutation ($name: String!) { issued: ${issue} again: ${issue} gone: revokeApiKey(id: "key_0") { apiKey { id } } }`;
  const answer = await run<Record<string, { secret: { secret: string } } | null>>(document, {
    name: 'Issued beside a failure',
  });
  expect(codes(answer)).toEqual(['NAME_TAKEN', 'NOT_FOUND']);
  expect(answer.data).toEqual({
    issued: { secret: { secret: expect.any(String) } },
    again: null,
    gone: null,
  });
  expect(await call(answer.data!['issued']!.secret.secret)).toEqual([200, undefined]);
});
