import { beforeAll, describe, expect, test } from 'vitest';
import { createKey, sandbox, type CreatedKey } from '../support/peers/client.js';
import { ownCustomer, type OwnCustomer } from '../support/seed/own-customer.js';
import { startKeywright } from '../support/servers/start-keywright.js';

let keywright: OwnCustomer;
let admin: CreatedKey;

const create = (overrides: Record<string, unknown> = {}): Promise<CreatedKey> =>
  createKey(keywright.url, { bearer: keywright.bearer }, overrides);

const post = (path: string, key: string, body: string, type = 'application/json'): Promise<Response> =>
  sandbox(keywright.url, path, key, { method: 'POST', headers: { 'content-type': type }, body });

beforeAll(async () => {
  keywright = await ownCustomer();
  admin = await create();
});

describe('the sample API', () => {
  test('answers each environment only for its own keys', async () => {
    for (const environment of ['PRODUCTION', 'STAGING', 'DEVELOPMENT']) {
      const key = await create({ environment });
      for (const path of ['production', 'staging', 'development']) {
        const response = await sandbox(keywright.url, `${path}/ping`, key.secret);
        expect(response.status).toBe(path === environment.toLowerCase() ? 200 : 401);
      }
    }
  });

  test.each([
    ['customers', ['view_customer', 'customer.read']],
    ['accounts', ['account.read']],
    ['devices', ['device.read']],
    ['inventory', ['view_inventory']],
    ['tickets', ['ticket.read']],
    ['licenses', ['license.manage']],
  ])('GET %s requires any of %j', async (path, permissions) => {
    const call = async (held: string[]): Promise<number> => {
      const key = await create({ permissions: held });
      return (await sandbox(keywright.url, `production/${path}`, key.secret)).status;
    };
    for (const permission of permissions) expect(await call([permission])).toBe(200);
    expect(await call(['view_transaction'])).toBe(403);
    const response = await sandbox(keywright.url, `production/${path}`, admin.secret);
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const body: unknown = await response.json();
    expect(Array.isArray(body)).toBe(path === 'accounts');
  });

  test('any valid key can ping, even one without permissions', async () => {
    const key = await create({ permissions: [] });
    const response = await sandbox(keywright.url, 'production/ping', key.secret);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      message: 'pong',
      environment: 'production',
      key: key.name,
    });
  });

  test('a wildcard grants everything below it', async () => {
    const key = await create({ permissions: ['ticket.*'] });
    expect((await sandbox(keywright.url, 'production/tickets', key.secret)).status).toBe(200);
    expect((await post('production/tickets', key.secret, '{"subject":"x"}')).status).toBe(201);
    expect((await sandbox(keywright.url, 'production/devices', key.secret)).status).toBe(403);
  });

  test('POST checks its body after the key', async () => {
    expect((await post('production/tickets', admin.secret, '{"subject":"Help"}')).status).toBe(201);
    expect((await post('production/telemetry', admin.secret, '{"cpu":0.5}')).status).toBe(202);
    for (const body of ['{}', '[]', 'null', '"x"', '{"subject":7}', '{"subject":', '']) {
      const response = await post('production/tickets', admin.secret, body);
      expect(response.status, body).toBe(400);
      expect(await response.json()).toMatchObject({ code: 'BAD_USER_INPUT', status: 400 });
    }
    expect((await post('production/tickets', admin.secret, 'subject', 'text/plain')).status).toBe(415);
    expect((await post('production/tickets', 'nonsense', '{"subject":')).status).toBe(401);
  });

  test('reports errors as problems, with what to do', async () => {
    const response = await sandbox(keywright.url, 'production/ping');
    expect(response.status).toBe(401);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(response.headers.get('www-authenticate')).toContain('X-API-KEY');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    const body = (await response.json()) as Record<string, unknown>;
    expect(body).toMatchObject({ status: 401, code: 'KEY_MISSING' });
    expect(body['requestId']).toBe(response.headers.get('x-request-id'));
    const misplaced = await sandbox(keywright.url, 'production/ping', undefined, {
      headers: { authorization: `Bearer ${admin.secret}` },
    });
    expect(await misplaced.json()).toMatchObject({
      code: 'KEY_MISSING',
      detail: expect.stringContaining('X-API-KEY') as string,
    });
  });

  test('respects the rate limits, and reports their state', async () => {
    const limits = [
      { name: 'minute', limit: 3, windowSeconds: 60 },
      { name: 'hour', limit: 100, windowSeconds: 3600 },
    ];
    const key = await create({ rateLimits: limits });
    const calls = await Promise.all(
      Array.from({ length: 12 }, () => sandbox(keywright.url, 'production/ping', key.secret)),
    );
    expect(calls.filter((response) => response.status === 200)).toHaveLength(3);
    const refused = calls.find((response) => response.status === 429)!;
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('ratelimit-policy')).toBe('"minute";q=3;w=60, "hour";q=100;w=3600');
    expect(refused.headers.get('ratelimit')).toMatch(/^"minute";r=0;t=\d+, "hour";r=97;t=\d+$/);
    const body = (await refused.json()) as Record<string, unknown>;
    expect(body).toMatchObject({ code: 'RATE_LIMITED', status: 429 });
    expect(body['retryAfter']).toBe(Number(refused.headers.get('retry-after')));
  });

  test('never exceeds a limit in any window, and Retry-After is accurate', async () => {
    const key = await create({ rateLimits: [{ name: 'burst', limit: 6, windowSeconds: 2 }] });
    const passed: { from: number; to: number }[] = [];
    const call = async (): Promise<Response> => {
      const from = performance.now();
      const response = await sandbox(keywright.url, 'production/ping', key.secret);
      if (response.status === 200) passed.push({ from, to: performance.now() });
      return response;
    };
    const startedAt = performance.now();
    while (performance.now() - startedAt < 5000) {
      await call();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    for (const { from } of passed) {
      // Only those that are certainly in the window that starts with this call.
      const within = passed.filter((other) => other.from >= from && other.to < from + 2000);
      expect(within.length).toBeLessThanOrEqual(6);
    }
    expect(passed.length).toBeGreaterThanOrEqual(12);
    let refused = await call();
    while (refused.status === 200) refused = await call();
    await new Promise((resolve) =>
      setTimeout(resolve, Number(refused.headers.get('retry-after')) * 1000 + 5),
    );
    expect((await call()).status).toBe(200);
  });

  test('has no other paths and no other methods', async () => {
    for (const path of ['production/nothing', 'test/ping', 'PRODUCTION/ping', 'production', '']) {
      const response = await sandbox(keywright.url, path, admin.secret);
      expect(response.status, path).toBe(404);
      expect(await response.json()).toMatchObject({ code: 'NOT_FOUND' });
    }
    const response = await sandbox(keywright.url, 'production/ping', admin.secret, { method: 'DELETE' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toContain('GET');
    const both = await sandbox(keywright.url, 'production/tickets', admin.secret, { method: 'PUT' });
    expect(both.headers.get('allow')?.split(', ').sort()).toEqual(['GET', 'HEAD', 'POST']);
  });
});

test('the sample API can be switched off', async () => {
  const without = await startKeywright({ env: { KEYWRIGHT_SANDBOX: 'off' } });
  try {
    expect((await sandbox(without.url, 'production/ping')).status).toBe(404);
  } finally {
    await without.stop();
  }
});
