import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENVIRONMENTS } from '@keywright/schema/environment';
import { foldAscii, readPathPattern } from './path-pattern.js';
import { readRequestPath, type RequestPath } from './request-path.js';
import { ROUTE_METHODS, type RouteRule } from './route-rule.js';
import { RouteTable } from './route-table.js';

const rule = (over: Partial<RouteRule> = {}): RouteRule => ({
  id: 'rul_00000000000000000000000001',
  environments: ['PRODUCTION'],
  method: 'ANY',
  pathPattern: '/**',
  access: 'PERMISSION',
  permission: 'view_customer',
  scopeParameter: null,
  description: '',
  ...over,
});

const path = (target: string): RequestPath => {
  const read = readRequestPath(target);
  if ('refused' in read) throw new Error(read.refused);
  return read;
};

const permissionOf = (table: RouteTable, method: string, target: string): string | null => {
  const match = table.match('PRODUCTION', method, path(target));
  return match.access === 'PERMISSION' ? match.permission : null;
};

/** The reference implementation: checks the rules one after another. */
function scan(rules: readonly RouteRule[], environment: string, method: string, { segments }: RequestPath) {
  const upper = method.toUpperCase();
  return rules.find((each) => {
    const pattern = readPathPattern(each.pathPattern);
    if ('refused' in pattern) throw new Error(pattern.refused);
    const methodFits =
      each.method === 'ANY' || each.method === upper || (upper === 'HEAD' && each.method === 'GET');
    const fixed = pattern.segments.length;
    return (
      each.environments.some((one) => one === environment) &&
      methodFits &&
      (pattern.rest ? segments.length >= fixed : segments.length === fixed) &&
      pattern.segments.every(
        (part, i) => 'parameter' in part || foldAscii(part.literal) === foldAscii(segments[i]!),
      )
    );
  });
}

describe('route rules', () => {
  it('decide by the first match, however specific a later one is', () => {
    const table = new RouteTable(
      [
        rule({ pathPattern: '/customers/{id}', permission: 'first' }),
        rule({ pathPattern: '/customers/export', permission: 'second' }),
        rule({ pathPattern: '/orders/export', permission: 'third' }),
        rule({ pathPattern: '/orders/{id}', permission: 'fourth' }),
        rule({ pathPattern: '/**', permission: 'last' }),
      ],
      'DENY',
    );
    expect(permissionOf(table, 'GET', '/customers/export')).toBe('first');
    expect(permissionOf(table, 'GET', '/orders/export')).toBe('third');
    expect(permissionOf(table, 'GET', '/orders/7')).toBe('fourth');
    expect(permissionOf(table, 'GET', '/orders/7/lines')).toBe('last');
    expect(permissionOf(table, 'GET', '/')).toBe('last');
  });

  it('match any rest including none with **, and one whole segment with a parameter', () => {
    const table = new RouteTable(
      [rule({ pathPattern: '/admin/**' }), rule({ pathPattern: '/a/{b}' })],
      'DENY',
    );
    for (const target of ['/admin', '/admin/', '/admin/x', '/admin/x/y', '/a/1']) {
      expect(permissionOf(table, 'GET', target), target).toBe('view_customer');
    }
    for (const target of ['/', '/administrator', '/a', '/a/1/2']) {
      expect(permissionOf(table, 'GET', target), target).toBeNull();
    }
  });

  it('cannot be bypassed with upper or lower case, in path or method', () => {
    const table = new RouteTable(
      [
        rule({ method: 'GET', pathPattern: '/Admin/É', access: 'NOBODY', permission: null }),
        rule({ access: 'ANY_KEY', permission: null }),
      ],
      'DENY',
    );
    for (const [method, target] of [
      ['GET', '/admin/%C3%89'],
      ['get', '/ADMIN/%C3%89'],
      ['Get', '/%41dmin/%C3%89/'],
    ]) {
      expect(table.match('PRODUCTION', method!, path(target!)).access).toBe('NOBODY');
    }
    // Only ASCII letters have a lowercase form that all systems agree on.
    expect(table.match('PRODUCTION', 'GET', path('/admin/%C3%A9')).access).toBe('ANY_KEY');
  });

  it('answer HEAD as GET, unless a rule for HEAD comes first', () => {
    const get = rule({ method: 'GET', permission: 'get' });
    const head = rule({ method: 'HEAD', permission: 'head' });
    expect(permissionOf(new RouteTable([get, head], 'DENY'), 'HEAD', '/')).toBe('get');
    expect(permissionOf(new RouteTable([head, get], 'DENY'), 'HEAD', '/')).toBe('head');
    expect(permissionOf(new RouteTable([head], 'DENY'), 'GET', '/')).toBeNull();
  });

  it('apply only in their environments, and ANY also to unknown methods', () => {
    const table = new RouteTable([rule({ environments: ['STAGING', 'DEVELOPMENT'] })], 'DENY');
    expect(table.match('STAGING', 'BREW', path('/pot')).access).toBe('PERMISSION');
    expect(table.match('PRODUCTION', 'BREW', path('/pot'))).toEqual({ access: 'NOBODY', ruleId: null });
  });

  it('read the scope from the named path parameter, as it was sent', () => {
    const scoped = rule({ pathPattern: '/c/{customer}/o/{order}', scopeParameter: 'customer' });
    const table = new RouteTable([scoped, rule({ access: 'ANY_KEY', permission: null })], 'DENY');
    expect(table.match('PRODUCTION', 'GET', path('/C/scp_A%20b/o/2'))).toEqual({
      access: 'PERMISSION',
      permission: 'view_customer',
      scopeId: 'scp_A b',
    });
    expect(table.match('PRODUCTION', 'GET', path('/c/1'))).toEqual({ access: 'ANY_KEY', scopeId: null });
  });

  it('follow the setting if none matches', () => {
    const none = (noMatch: 'DENY' | 'ANY_KEY') =>
      new RouteTable([], noMatch).match('PRODUCTION', 'GET', path('/'));
    expect(none('DENY')).toEqual({ access: 'NOBODY', ruleId: null });
    expect(none('ANY_KEY')).toEqual({ access: 'ANY_KEY', scopeId: null });
  });

  it('accept anyone where a rule says so, and nobody where such a rule is broken', () => {
    const open = { access: 'ANYBODY', permission: null } as const;
    const matchOf = (overrides: Partial<RouteRule>) =>
      new RouteTable([rule({ ...open, ...overrides })], 'DENY').match('PRODUCTION', 'GET', path('/a'));
    expect(matchOf({})).toEqual({ access: 'ANYBODY' });
    expect(matchOf({ scopeParameter: 'missing' })).toMatchObject({ access: 'NOBODY' });
  });

  it('reject everyone where they cannot be read', () => {
    for (const broken of [
      rule({ pathPattern: 'nonsense' }),
      rule({ permission: null }),
      rule({ scopeParameter: 'missing' }),
    ]) {
      const table = new RouteTable([broken, rule({ access: 'ANY_KEY', permission: null })], 'ANY_KEY');
      expect(table.match('PRODUCTION', 'GET', path('/any'))).toEqual({ access: 'NOBODY', ruleId: broken.id });
    }
  });

  it('decide exactly like the list read from the start', () => {
    const word = fc.constantFrom('a', 'A', 'b', 'c', 'export', '__proto__');
    const patterns = fc
      .tuple(fc.array(fc.oneof(word, fc.constant('{}')), { maxLength: 4 }), fc.boolean())
      .map(([parts, rest]) => {
        const named = parts.map((part, i) => (part === '{}' ? `{p${i}}` : part));
        return `/${[...named, ...(rest ? ['**'] : [])].join('/')}`;
      });
    const rules = fc.array(
      fc.record({
        environments: fc.subarray([...ENVIRONMENTS], { minLength: 1 }),
        method: fc.constantFrom(...ROUTE_METHODS),
        pathPattern: patterns,
      }),
      { maxLength: 40 },
    );
    const requests = fc.record({
      environment: fc.constantFrom(...ENVIRONMENTS),
      method: fc.constantFrom('GET', 'HEAD', 'POST', 'get', 'BREW'),
      segments: fc.array(word, { maxLength: 5 }),
    });
    fc.assert(
      fc.property(rules, fc.array(requests, { minLength: 1, maxLength: 20 }), (partial, asked) => {
        const list = partial.map((each, i) => rule({ ...each, id: `rul_${i}` }));
        const table = new RouteTable(list, 'DENY');
        for (const { environment, method, segments } of asked) {
          const read = { segments, query: '' };
          const found = table.find(environment, method, read)?.rule.id;
          expect(found).toBe(scan(list, environment, method, read)?.id);
        }
      }),
    );
  });

  it('take no longer than reading the list, whatever the patterns and paths', () => {
    // Every pattern of twelve segments that are either "a" or a parameter; all match except for their method
    // or length.
    const masses = Array.from({ length: 4096 }, (_, bits) =>
      rule({
        id: `rul_${bits}`,
        method: 'POST',
        pathPattern: `/${Array.from({ length: 12 }, (_, i) => ((bits >> i) & 1 ? 'a' : `{p${i}}`)).join('/')}`,
      }),
    );
    const chains = Array.from({ length: 900 }, (_, i) =>
      rule({
        id: `rul_c${i}`,
        pathPattern: `/${Array.from({ length: 32 }, (_, j) => `{q${(i + j) % 99}}`).join('/')}`,
      }),
    );
    const list = [...masses, ...chains];
    const table = new RouteTable(list, 'DENY');
    const hostile = [
      '/a'.repeat(12),
      '/a'.repeat(13),
      '/a'.repeat(31),
      '/a'.repeat(4096),
      '/A/b'.repeat(6),
    ].map(path);
    const timed = (run: () => void): number => {
      const samples = Array.from({ length: 5 }, () => {
        const startedAt = performance.now();
        run();
        return performance.now() - startedAt;
      });
      return samples.sort((a, b) => a - b)[2]!;
    };
    const all = (find: (target: RequestPath) => unknown) => timed(() => hostile.forEach(find));
    const byTable = all((target) => table.find('PRODUCTION', 'GET', target));
    const byScan = all((target) => scan(list, 'PRODUCTION', 'GET', target));
    expect(byTable).toBeLessThan(byScan);
  });
});

describe('rules restricted by others', () => {
  const anybody = { access: 'ANYBODY' } as const;
  const anyKey = { access: 'ANY_KEY', scopeId: null } as const;
  const asks = (permission: string, scopeId: string | null = null) =>
    ({ access: 'PERMISSION', permission, scopeId }) as const;
  const nobody = { access: 'NOBODY', ruleId: null } as const;
  const member = ['/{first}/{second}', '/a/b'] as const;
  const table = (
    {
      access,
      permission = null,
      scope = null,
    }: { access: string; permission?: string | null; scope?: string | null },
    bounds: RouteTable[] = [],
  ): RouteTable => {
    const rules = [
      rule({
        access: access as RouteRule['access'],
        permission,
        pathPattern: member[0],
        scopeParameter: scope,
      }),
    ];
    return new RouteTable(access === 'NONE' ? [] : rules, 'DENY', bounds);
  };
  const [open, key, first, second, refused] = [
    { access: 'ANYBODY' },
    { access: 'ANY_KEY' },
    { access: 'PERMISSION', permission: 'view_customer' },
    { access: 'PERMISSION', permission: 'view_invoice' },
    { access: 'NONE' },
  ] as const;
  const there = (scope: string) => ({ ...key, scope });

  it.each([
    [open, open, anybody],
    [open, key, anyKey],
    [open, first, asks('view_customer')],
    [open, refused, nobody],
    [key, key, anyKey],
    [key, first, asks('view_customer')],
    [key, there('first'), { ...anyKey, scopeId: 'a' }],
    [there('first'), { ...first }, asks('view_customer', 'a')],
    [there('first'), there('second'), nobody],
    [first, first, asks('view_customer')],
    [first, second, nobody],
    [first, refused, nobody],
  ])('accept what both accept: %j, %j', (one, other, expected) => {
    for (const [own, bound] of [
      [one, other],
      [other, one],
    ]) {
      const held = table(own!, [table(bound!)]);
      expect(held.match('PRODUCTION', 'GET', path(member[1]))).toEqual(expected);
    }
  });

  it('are restricted by all of several lists', () => {
    const held = table(open, [table(key), table(first), table(key)]);
    expect(held.match('PRODUCTION', 'GET', path(member[1]))).toEqual(asks('view_customer'));
    expect(table(open, [table(first), table(second)]).match('PRODUCTION', 'GET', path(member[1]))).toEqual(
      nobody,
    );
  });
});
