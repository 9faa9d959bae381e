import { describe, expect, it } from 'vitest';
import type { FieldError } from '../../../core/errors.js';
import type { PlacedRouteRule } from '../route-rule.js';
import type { ImportRequest } from './decide-operation.js';
import { planImport, type ImportPlan } from './plan-import.js';
import { readDocument } from './read-operations.js';

const KNOWN = new Set(['view_customer', 'create_customer', 'customer.read', '*']);

const rule = (over: Partial<PlacedRouteRule> = {}): PlacedRouteRule => ({
  id: 'rul_1',
  position: 1,
  version: 1,
  environments: ['PRODUCTION'],
  method: 'GET',
  pathPattern: '/customers',
  access: 'PERMISSION',
  permission: 'view_customer',
  scopeParameter: null,
  description: 'by hand',
  ...over,
});

async function plan(
  paths: object,
  request: Partial<ImportRequest> = {},
  rules: readonly PlacedRouteRule[] = [],
): Promise<ImportPlan & { readonly faults: readonly FieldError[] }> {
  const read = readDocument(JSON.stringify({ openapi: '3.0.0', paths }), null);
  if ('refused' in read) throw new Error(read.refused);
  const faults: FieldError[] = [];
  let made = 0;
  const planned = await planImport(
    read.operations,
    { environments: ['PRODUCTION'], mode: 'APPEND', withoutPermission: 'NOBODY', choices: [], ...request },
    { rules, known: KNOWN, newId: () => `new_${++made}` },
    faults,
  );
  return { ...planned, faults };
}

const shown = ({ operations }: ImportPlan): unknown[] =>
  operations.map(({ operation, state, access, permission, needsPermission }) => [
    operation,
    state,
    permission ?? access,
    ...(needsPermission ? ['needs a permission'] : []),
  ]);
const order = ({ after }: ImportPlan): string[] => after.map(({ id }) => id);

describe('an import', () => {
  it('takes the permission that the document names, else its only scope, if the catalog contains it', async () => {
    const paths = {
      '/a': { get: { 'x-keywright-permission': 'view_customer', security: [{ o: ['customer.read'] }] } },
      '/b': { get: { security: [{ o: ['customer.read'] }] } },
      '/c': { get: { security: [{ o: ['customer.read', 'view_customer'] }] } },
      '/d': { get: { security: [{ o: ['*'] }] } },
      '/e': { get: { 'x-keywright-permission': 'unknown' } },
      '/f': { get: { security: [] } },
      '/g': { get: {} },
      '/h.{x}': { get: {} },
    };
    expect(shown(await plan(paths))).toEqual([
      ['GET /h.{x}', 'REFUSED', null],
      ['GET /a', 'NEW', 'view_customer'],
      ['GET /b', 'NEW', 'customer.read'],
      ['GET /c', 'NEW', 'NOBODY', 'needs a permission'],
      ['GET /d', 'NEW', 'NOBODY', 'needs a permission'],
      ['GET /e', 'NEW', 'NOBODY', 'needs a permission'],
      ['GET /f', 'SKIPPED', null],
      ['GET /g', 'NEW', 'NOBODY', 'needs a permission'],
    ]);
    expect((await plan(paths)).after).toHaveLength(6);
    expect((await plan(paths, { withoutPermission: 'LEAVE_OUT' })).after).toHaveLength(2);
  });

  it('follows decisions about individual operations', async () => {
    const paths = { '/a': { get: {}, post: {} }, '/b': { get: { security: [] } }, '/c': { get: {} } };
    const choices = [
      { operation: 'GET /a', permission: 'view_customer' },
      { operation: 'POST /a', include: false },
      { operation: 'GET /b', access: 'ANY_KEY' as const },
    ];
    expect(shown(await plan(paths, { choices }))).toEqual([
      ['GET /a', 'NEW', 'view_customer'],
      ['POST /a', 'SKIPPED', null],
      ['GET /b', 'NEW', 'ANY_KEY'],
      ['GET /c', 'NEW', 'NOBODY', 'needs a permission'],
    ]);
  });

  it('accepts anyone only where that was chosen, and keeps that choice', async () => {
    const paths = { '/b/{id}': { get: { security: [], 'x-keywright-scope-parameter': 'id' }, trace: {} } };
    const chosen = await plan(paths, { choices: [{ operation: 'GET /b/{id}', access: 'ANYBODY' as const }] });
    expect(shown(chosen)).toEqual([
      ['GET /b/{id}', 'NEW', 'ANYBODY'],
      ['TRACE /b/{id}', 'REFUSED', null],
    ]);
    expect(chosen.after).toMatchObject([{ access: 'ANYBODY', permission: null, scopeParameter: null }]);
    const before = chosen.after.map((each, i) => ({ ...each, position: i + 1, version: 1 }));
    const again = await plan(paths, { mode: 'REPLACE' }, before);
    expect(shown(again)[0]).toEqual(['GET /b/{id}', 'UNCHANGED', 'ANYBODY']);
    expect(again.removed).toEqual([]);
  });

  it('rejects decisions about unknown operations, repeated ones, and permissions outside the catalog', async () => {
    const choices = [
      { operation: 'GET /none' },
      { operation: 'GET /a', permission: 'unknown' },
      { operation: 'GET /a', permission: '*' },
      { operation: 'POST /a', access: 'NOBODY' as const, permission: 'view_customer' },
    ];
    const { faults } = await plan({ '/a': { get: {}, post: {} } }, { choices });
    expect(faults.map(({ path }) => path)).toEqual([
      'choices.0.operation',
      'choices.1.permission',
      'choices.2.operation',
      'choices.2.permission',
      'choices.3.permission',
    ]);
  });

  it('finds existing rules, changes them in place, and keeps manual choices', async () => {
    const rules = [
      rule({ id: 'rul_1', pathPattern: '/Customers/{customer}' }),
      rule({ id: 'rul_2', position: 2, pathPattern: '/hand' }),
      rule({ id: 'rul_3', position: 3, environments: ['STAGING'], pathPattern: '/other' }),
      rule({ id: 'rul_4', position: 4, pathPattern: '/same' }),
    ];
    const paths = {
      '/customers/{id}': { get: { 'x-keywright-permission': 'customer.read' } },
      '/hand': { get: {} },
      '/other': { get: { 'x-keywright-permission': 'view_customer' } },
      '/same': { get: { 'x-keywright-permission': 'view_customer' } },
    };
    const again = await plan(paths, {}, rules);
    expect(shown(again)).toEqual([
      ['GET /customers/{id}', 'CHANGED', 'customer.read'],
      ['GET /hand', 'UNCHANGED', 'view_customer'],
      ['GET /other', 'NEW', 'view_customer'],
      ['GET /same', 'UNCHANGED', 'view_customer'],
    ]);
    expect(order(again)).toEqual(['rul_1', 'rul_2', 'rul_3', 'rul_4', again.added[0]!.id]);
    expect(again.after[0]!.description).toBe('by hand');
    expect(order(await plan(paths, { mode: 'PREPEND' }, rules))).toEqual([
      again.added[0]!.id,
      ...order(again).slice(0, 4),
    ]);
  });

  it('replaces only rules in its own environments', async () => {
    const rules = [
      rule({ id: 'rul_1', pathPattern: '/old' }),
      rule({ id: 'rul_2', position: 2, pathPattern: '/both', environments: ['PRODUCTION', 'STAGING'] }),
      rule({ id: 'rul_3', position: 3, pathPattern: '/staging', environments: ['STAGING'] }),
    ];
    const replaced = await plan({ '/a': { get: {} } }, { mode: 'REPLACE' }, rules);
    expect(replaced.after.map(({ id, environments }) => [id, environments])).toEqual([
      ['new_1', ['PRODUCTION']],
      ['rul_2', ['STAGING']],
      ['rul_3', ['STAGING']],
    ]);
    expect(replaced.removed.map(({ id }) => id)).toEqual(['rul_1', 'rul_2']);
  });

  it('reports which of its rules would never decide', async () => {
    const wide = rule({ pathPattern: '/**', method: 'ANY' });
    expect((await plan({ '/a': { get: {} } }, {}, [wide])).operations[0]!.shadowedBy).toBe('ANY /**');
    expect(
      (await plan({ '/a': { get: {} } }, { mode: 'PREPEND' }, [wide])).operations[0]!.shadowedBy,
    ).toBeNull();
    const twice = await plan({ '/a/{x}': { get: {} }, '/a/{y}': { get: {} } });
    expect(twice.operations[1]!.shadowedBy).toBe('GET /a/{x}');
  });

  it('yields to other work during a long document', async () => {
    const paths = Object.fromEntries(
      Array.from({ length: 500 }, (_, i) => [`/a/${i}/{id}`, { get: {}, put: {} }]),
    );
    const first = await plan(paths);
    const rules = first.after.map((each, i) => ({ ...each, position: i + 1, version: 1 }));
    const choices = first.operations.map(({ operation }) => ({ operation, access: 'ANY_KEY' as const }));
    const counted = { turns: 0, done: false };
    const count = (): void => {
      counted.turns += 1;
      if (!counted.done) setImmediate(count);
    };
    const read = readDocument(JSON.stringify({ openapi: '3.0.0', paths }), null);
    if ('refused' in read) throw new Error(read.refused);
    count();
    const planned = await planImport(
      read.operations,
      { environments: ['PRODUCTION'], mode: 'REPLACE', withoutPermission: 'NOBODY', choices },
      { rules, known: KNOWN, newId: () => 'new' },
      [],
    );
    counted.done = true;
    expect(planned.changed).toHaveLength(1000);
    // Choices, rules, operations, and the result twice: one turn per hundred.
    expect(counted.turns).toBeGreaterThan(40);
  });
});
