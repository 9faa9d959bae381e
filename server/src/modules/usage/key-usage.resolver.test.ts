import { parse, type FieldNode, type OperationDefinitionNode } from 'graphql';
import { expect, it } from 'vitest';
import { heldAtRoot } from '../access/decide/access.fixture.js';
import type { RequestContext } from '../access/decide/principal.js';
import { ROOT_SCOPE } from '../scopes/tree/scope.js';
import { KeyUsageResolver } from './key-usage.resolver.js';
import { TrendCache } from './trend-cache.js';
import type { UsageStore } from './usage-store.js';

const contextWith = (...permissions: string[]): RequestContext => ({
  principal: {
    actor: { kind: 'USER', id: 'usr_1', name: 'Ann' },
    access: heldAtRoot(...permissions),
    ip: null,
    sessionId: null,
  },
  requestId: 'req_1',
  ip: null,
  userAgent: null,
});

/** The field selection that a resolver receives. */
const selecting = (fields: string) => {
  const { definitions } = parse(`{ usage { ${fields} } }`);
  const [operation] = definitions as OperationDefinitionNode[];
  return { fieldNodes: operation!.selectionSet.selections as FieldNode[] };
};

const key = (id: string, usageTotal = 0) => ({ id, scopeId: ROOT_SCOPE.id, usageTotal });

const calls: string[] = [];
const counted = <T>(name: string, ids: readonly string[], value: T): Promise<T[]> => {
  calls.push(`${name} of ${ids.length}`);
  return Promise.resolve(ids.map(() => value));
};
const store: UsageStore = {
  totals: (ids) => counted('totals', ids, new Map([['VALID', 3]])),
  trends: (ids) => counted('trends', ids, [1, 2, 3]),
  series: (ids) => counted('series', ids, new Map()),
  sums: () => Promise.reject(new Error('not asked for')),
  top: () => Promise.reject(new Error('not asked for')),
};
const resolver = new KeyUsageResolver(store, new TrendCache({ now: () => 0 }), { now: () => 0 });
const from = new Date('2027-03-01T00:00:00Z');
const to = new Date('2027-03-02T00:00:00Z');

it('queries once for a whole page of keys, per field', async () => {
  const context = contextWith('keywright.usage.read');
  const keys = Array.from({ length: 50 }, (_, i) => key(`key_${i}`, i));
  await Promise.all(
    keys.flatMap((key) => [
      resolver.usage(key, context, selecting('total accepted')),
      resolver.usageTrend(key, context),
      resolver.usageSeries(key, context, from, to, 'HOUR'),
    ]),
  );
  expect(calls.sort()).toEqual(['series of 50', 'totals of 50', 'trends of 50']);
});

it('rejects a viewer without the permission', async () => {
  const context = contextWith('keywright.keys.read');
  expect(() => resolver.usage(key('key_1'), context, selecting('total'))).toThrow('keywright.usage.read');
  expect(() => resolver.usageTrend(key('key_1'), context)).toThrow('keywright.usage.read');
  await expect(resolver.usageSeries(key('key_1'), context, from, to, 'DAY')).rejects.toMatchObject({
    code: 'FORBIDDEN',
  });
});

it('needs no query for the total alone, which was read with the key', () => {
  calls.length = 0;
  const context = contextWith('keywright.usage.read');
  expect(resolver.usage(key('key_1', 7), context, selecting('total'))).toEqual({ total: 7 });
  expect(calls).toEqual([]);
});
