import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAuthorizeUrl, readAuthorizeTarget } from './authorize-target.js';
import { QuestionReader } from './question-reader.js';

const NOTHING = { permissions: null, scopeId: null, cost: 1 };

/** The requirements that a question states if its original request has a query. */
function asks(url: string, clientQuery = '') {
  const reader = new QuestionReader();
  const target = reader.targetOf(url);
  return 'fault' in target ? target : reader.needOf(target, clientQuery);
}

describe("the gateway's own URL", () => {
  it('names the environment, and leaves the rest to the rules', () => {
    const read = { environment: 'PRODUCTION', ...NOTHING, gateway: null, named: false, original: null };
    expect(readAuthorizeTarget('/v1/authorize')).toEqual({ ...read, query: '' });
    expect(readAuthorizeTarget('/v1/authorize/production?')).toEqual({ ...read, query: '' });
  });

  it('names the requirements before the environment', () => {
    const url = '/v1/authorize/permission=a.b/permission=c%2Fd/scope=scp_1/cost=5/staging';
    expect(readAuthorizeTarget(url)).toMatchObject({
      environment: 'STAGING',
      permissions: ['a.b', 'c/d'],
      scopeId: 'scp_1',
      cost: 5,
    });
  });

  it('can name the requirements in its query', () => {
    expect(asks('/v1/authorize/staging?permission=a.b&permission=c&scope=scp_1&cost=5')).toMatchObject({
      permissions: ['a.b', 'c'],
      scopeId: 'scp_1',
      cost: 5,
    });
  });

  it('is never read from what the client wrote after it', () => {
    const behind = '/permission=x/production?permission=a&scope=b&cost=9';
    expect(readAuthorizeTarget(`/v1/authorize/development${behind}`)).toMatchObject({
      environment: 'DEVELOPMENT',
      ...NOTHING,
      original: behind,
      query: '',
    });
    expect(readAuthorizeTarget(`/v1/authorize/gateway=envoy/permission=a/staging${behind}`)).toMatchObject({
      environment: 'STAGING',
      permissions: ['a'],
      gateway: 'envoy',
      original: behind,
      query: '',
    });
  });

  it.each([
    '/v1/authorize/x',
    '/v1/authorize/',
    '/v1/authorize/Production',
    '/v1/authorize//a',
    '/v1/authorize?a=b',
    '/v1/authorize/permission=a',
    '/v1/authorize/permission=/production',
    '/v1/authorize/permission=%/production',
    '/v1/authorize/permission=%00/production',
    '/v1/authorize/permissions=a/production',
    '/v1/authorize/Permission=a/production',
    '/v1/authorize/scope=a/production',
    '/v1/authorize/cost=0/production',
    '/v1/authorize/cost=1/cost=2/production',
    '/v1/authorize/gateway=nginx/production',
    '/v1/authorize/gateway=envoy/production',
    '/v1/authorize/gateway=ingress-nginx/production/x',
    '/v1/authorize/gateway=envoy/gateway=envoy/production/x',
    '/v1/authorize/permission=a/production?cost=2',
  ])('is invalid: %s', (url) => expect(asks(url)).toHaveProperty('fault'));

  it('is distinguished from other URLs', () => {
    expect(['/v1/authorize', '/v1/authorize?x', '/v1/authorize/x'].every(isAuthorizeUrl)).toBe(true);
    expect(['/v1/authorized', '/v1/verify', '/'].some(isAuthorizeUrl)).toBe(false);
  });
});

describe('the query of a question', () => {
  it("is ignored if it is the client's", () => {
    expect(asks('/v1/authorize/production?page=2', 'page=2')).toMatchObject({ ...NOTHING, keepsQuery: true });
    const named = asks('/v1/authorize/permission=a/production?page=2', 'page=2');
    expect(named).toMatchObject({ permissions: ['a'], keepsQuery: true });
  });

  it("is rejected if it is neither the client's nor valid", () => {
    expect(asks('/v1/authorize/production?page=2', 'page=3')).toHaveProperty('fault');
    expect(asks('/v1/authorize/production?permissions=a', '')).toHaveProperty('fault');
  });

  it.each([
    'permission=view_customer',
    'x=1&permission=view_customer',
    'permission',
    'PERMISSION=view_customer',
    'per%6dission=view_customer',
    'per%256dission=view_customer',
    'x=1;permission=view_customer',
    '+permission=view_customer',
    '%20permission+=view_customer',
    'permission[]=view_customer',
    'permission%5B0%5D=view_customer',
  ])('is ignored if the original query has a parameter of the same name: %s', (clientQuery) => {
    for (const url of [
      `/v1/authorize/production?${clientQuery}`,
      `/v1/authorize/permission=view_invoice/production?${clientQuery}`,
      '/v1/authorize/production?permission=view_customer',
      `/v1/authorize/production?permission=view_invoice&${clientQuery}`,
    ]) {
      expect(asks(url, clientQuery), url).toHaveProperty('fault');
    }
  });

  it('counts along with other parameters of the request', () => {
    const clientQuery = 'page=2&scope=all&permissions=x&mypermission=y&q=permission';
    expect(asks('/v1/authorize/production?permission=a', clientQuery)).toMatchObject({ permissions: ['a'] });
    expect(asks('/v1/authorize/production?permission=a&scope=b', clientQuery)).toHaveProperty('fault');
  });

  it('never lets a client set the requirements, whatever it sends through a gateway that keeps its query', () => {
    const unit = fc.constantFrom(
      'permission',
      'scope',
      'cost',
      '=',
      '&',
      ';',
      '+',
      '%20',
      '%6d',
      '%3D',
      '%26',
      'a',
      '[',
      ']',
      '?',
      '/',
    );
    const queries = fc.array(unit, { maxLength: 12 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(queries, (query) => {
        for (const path of ['/v1/authorize/production', '/v1/authorize/permission=own/production']) {
          const without = asks(path);
          const need = asks(`${path}?${query}`, query);
          if (!('fault' in need)) {
            const { permissions, scopeId, cost } = need;
            expect({ permissions, scopeId, cost }).toEqual({
              permissions: 'fault' in without ? null : without.permissions,
              scopeId: null,
              cost: 1,
            });
          }
        }
      }),
    );
  });
});
