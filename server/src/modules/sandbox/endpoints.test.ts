import { SEEDED_PERMISSIONS } from '@keywright/schema/permissions';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../core/errors.js';
import { ENDPOINTS } from './endpoints.js';

const call = { body: undefined, environment: 'production', keyName: 'CRM', now: new Date(0) };
const endpoint = (method: string, path: string) =>
  ENDPOINTS.find((candidate) => candidate.method === method && candidate.path === path)!;

describe('the sample API', () => {
  it('requires only permissions of the seeded catalog', () => {
    const known = new Set(SEEDED_PERMISSIONS.map((permission) => permission.name));
    for (const { permissions } of ENDPOINTS) for (const name of permissions) expect(known).toContain(name);
  });

  it('answers every GET with data, accounts as an array', () => {
    for (const { method, answer } of ENDPOINTS) {
      if (method === 'GET') expect(answer(call)).toMatchObject({ status: 200, body: expect.anything() });
    }
    expect(endpoint('GET', 'accounts').answer(call).body).toBeInstanceOf(Array);
  });

  it('opens a ticket that has a subject', () => {
    const open = endpoint('POST', 'tickets').answer;
    expect(open({ ...call, body: { subject: ' Help ' } })).toMatchObject({
      status: 201,
      body: { subject: 'Help' },
    });
    for (const body of [
      undefined,
      null,
      [],
      'x',
      {},
      { subject: 7 },
      { subject: ' ' },
      { subject: 'a\nb' },
    ]) {
      expect(() => open({ ...call, body })).toThrow(AppError);
    }
  });

  it('takes telemetry as an object', () => {
    const take = endpoint('POST', 'telemetry').answer;
    expect(take({ ...call, body: { cpu: 1, memory: 2 } })).toMatchObject({
      status: 202,
      body: { accepted: 2 },
    });
    for (const body of [undefined, null, [1], 7]) expect(() => take({ ...call, body })).toThrow(AppError);
  });
});
