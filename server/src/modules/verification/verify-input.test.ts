import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_HEADERS } from '@keywright/schema/question-limits';
import { AppError } from '../../core/errors.js';
import { heldAtRoot } from '../access/decide/access.fixture.js';
import * as input from './verify-input.js';

const caller = heldAtRoot('keywright.verify');
const readVerifyBody = (body: unknown): input.VerifyQuestion => input.readVerifyBody(body, caller, 'req_1');
const readBatchBody = (body: unknown): input.VerifyQuestion[] => input.readBatchBody(body, caller);

const faultsOf = (read: () => unknown): string[] => {
  try {
    read();
  } catch (error) {
    if (error instanceof AppError) return (error.fields ?? []).map((field) => field.path).sort();
    throw error;
  }
  return [];
};

describe('the body of a verification', () => {
  it('can contain nothing but a key', () => {
    expect(readVerifyBody({ key: 'k' })).toEqual({
      request: {
        credential: { token: 'k' },
        environment: 'PRODUCTION',
        permissions: [],
        scopeId: null,
        ip: null,
        caller,
        cost: 1,
      },
      facts: { requestId: 'req_1', method: null, path: null, userAgent: null },
      requestId: undefined,
    });
  });

  it('can describe the request, whose headers then carry the key', () => {
    const question = readVerifyBody({
      request: {
        method: 'GET',
        url: '/crm?page=2',
        headers: { 'X-Api-Key': 'k', 'User-Agent': 'curl' },
        ip: '203.0.113.9',
      },
      environment: 'STAGING',
      permission: ['a', 'b'],
      scope: 'scp_x',
      cost: 3,
      requestId: 'mine',
    });
    expect(question).toEqual({
      request: {
        credential: { token: 'k' },
        environment: 'STAGING',
        permissions: ['a', 'b'],
        scopeId: 'scp_x',
        ip: '203.0.113.9',
        caller,
        cost: 3,
      },
      facts: { requestId: 'req_1', method: 'GET', path: '/crm?page=2', userAgent: 'curl' },
      requestId: 'mine',
    });
  });

  it.each([
    ['203.0.113.9:51234', '203.0.113.9'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['fe80::1%eth0', 'fe80::1'],
  ])('reads the address of %s as %s', (ip, plain) => {
    expect(readVerifyBody({ key: 'k', request: { ip } }).request.ip).toBe(plain);
  });

  it.each([
    '203.0.113.9:x',
    `fe80::1%${'z'.repeat(5000)}`,
    'fe80::1%<b>/',
    '<b>203.0.113.9</b>',
    '203.0.113.9\n',
  ])('never accepts %j unchanged as an address', (ip) => {
    const read = (): unknown => readVerifyBody({ key: 'k', request: { ip } }).request.ip;
    if (ip.startsWith('fe80::1%<')) expect(read()).toBe('fe80::1');
    else expect(faultsOf(read)).toEqual(['request.ip']);
  });

  it('reads the scheme of a WebSocket as that of HTTP', () => {
    const headers = { 'signature-input': 'x' };
    expect(readVerifyBody({ request: { url: 'wss://a.test/b', headers } }).request.credential).toMatchObject({
      signed: { scheme: 'https', authority: 'a.test', url: '/b' },
    });
  });

  it('is rejected with all errors together, including unknown members', () => {
    const body = {
      key: { a: 1 },
      request: { ip: 'localhost', cookies: {}, headers: { a: 1 } },
      environment: 'TEST',
      permission: 7,
      cost: 0,
      extra: 1,
      other: 2,
    };
    expect(faultsOf(() => readVerifyBody(body))).toEqual([
      'cost',
      'environment',
      'extra',
      'key',
      'other',
      'permission',
      'request.cookies',
      'request.headers.a',
      'request.ip',
    ]);
  });

  it.each([null, 7, 'text', [], [{}], true, undefined])('is rejected as %j', (body) => {
    expect(faultsOf(() => readVerifyBody(body))).toEqual(['body']);
  });

  it.each([
    { cost: 1.5 },
    { cost: 1e20 },
    { cost: '1' },
    { permission: [] },
    { permission: 'a\0' },
    { scope: '' },
    { key: null },
    { key: ['k'] },
    { request: [] },
    JSON.parse('{"__proto__": {"key": "k"}}') as unknown,
  ])('is rejected with %j', (body) => {
    expect(new Set(faultsOf(() => readVerifyBody(body))).size).toBe(1);
  });

  it('reads each header once, under its lowercase name', () => {
    const credentialOf = (headers: Record<string, unknown>): unknown =>
      readVerifyBody({ request: { headers } }).request.credential;
    expect(credentialOf({ 'X-API-KEY': 'k' })).toEqual({ token: 'k' });
    expect(credentialOf({ 'X-Api-Key': ['k'] })).toEqual({ token: 'k' });
    expect(credentialOf({ 'x-api-key': 'k', 'X-API-KEY': 'k' })).toEqual({ refused: 'AMBIGUOUS_CREDENTIAL' });
    expect(credentialOf({ 'x-api-key': [] })).toEqual({ refused: 'KEY_MISSING' });
    expect(
      credentialOf(JSON.parse('{"__proto__": "k", "constructor": "k"}') as Record<string, unknown>),
    ).toEqual({
      refused: 'KEY_MISSING',
    });
    const headers = { Signature: 'x', signature: 'y', 'Signature-Input': 'z', 'X-API-KEY': [] };
    expect(credentialOf(headers)).toMatchObject({
      signed: { headers: { signature: ['x', 'y'], 'signature-input': ['z'] } },
    });
  });

  const many = (count: number): string[] => Array.from({ length: count }, (_, i) => `h${i}`);

  it.each([
    ['names', Object.fromEntries(many(MAX_HEADERS).map((name) => [name, 'v']))],
    ['values of one name', { 'x-api-key': many(MAX_HEADERS) }],
    ['names without a value', Object.fromEntries(many(MAX_HEADERS).map((name) => [name, []]))],
  ])('has a limited number of headers: %s', (_, headers) => {
    expect(faultsOf(() => readVerifyBody({ request: { headers } }))).toEqual([]);
    expect(faultsOf(() => readVerifyBody({ request: { headers: { ...headers, more: '' } } }))).toEqual([
      'request.headers',
    ]);
  });

  it('is rejected with 150,000 values of a credential', () => {
    const headers = { 'x-api-key': Array.from({ length: 150_000 }, () => '') };
    for (const key of [{}, { key: 'k' }]) {
      expect(faultsOf(() => readVerifyBody({ ...key, request: { headers } }))).toEqual(['request.headers']);
    }
  });

  it('is either read or rejected, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        for (const read of [readVerifyBody, readBatchBody]) faultsOf(() => read(body));
      }),
    );
  });
});

describe('the body of a batch', () => {
  it('can contain up to a hundred questions', () => {
    const requests = Array.from({ length: 100 }, () => ({ key: 'k' }));
    expect(readBatchBody({ requests })).toHaveLength(100);
    expect(faultsOf(() => readBatchBody({ requests: [...requests, {}] }))).toEqual(['requests']);
    expect(faultsOf(() => readBatchBody({ requests: [] }))).toEqual(['requests']);
  });

  it('names the errors of each', () => {
    const body = { requests: [{ key: 1 }, {}, { x: 1 }] };
    expect(faultsOf(() => readBatchBody(body))).toEqual(['requests.0.key', 'requests.2.x']);
  });
});
