import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROOT_SCOPE, type ScopeNode } from '../../scopes/tree/scope.js';
import { ScopeTree } from '../../scopes/tree/scope-tree.js';
import { ROOT_NODE, scopeNode } from './access.fixture.js';
import { AccessSet, type ScopedPermissions } from './access-set.js';

// The reference: grants as plain lists and the rules as PRODUCT states them. Slow, short, and shares no code with the
// implementation.
const path = (nodes: ScopeNode[], id: string): string[] => {
  const node = nodes.find((other) => other.id === id);
  return node ? [id, ...(node.parentId ? path(nodes, node.parentId) : [])] : [];
};
const covers = (held: string, wanted: string): boolean =>
  held === '*' || held === wanted || (held.endsWith('.*') && wanted.startsWith(held.slice(0, -1)));
const may = (nodes: ScopeNode[], grants: ScopedPermissions[], name: string, at: string): boolean =>
  grants.some((g) => path(nodes, at).includes(g.scopeId) && g.permissions.some((p) => covers(p, name)));

/** A tree of two customers, each with two organizations of one account, and one unknown scope. */
const NODES: ScopeNode[] = [ROOT_NODE];
for (const customer of ['c1', 'c2']) {
  NODES.push(scopeNode(customer, 'CUSTOMER'));
  for (const n of [1, 2]) {
    const organization = `${customer}o${n}`;
    NODES.push(scopeNode(organization, 'ORGANIZATION', customer));
    NODES.push(scopeNode(`${organization}a`, 'ACCOUNT', organization));
  }
}
const SCOPES = [...NODES.map(({ id }) => id), 'unknown'];
const NAMES = [
  'view_customer',
  'ticket.read',
  'ticket.create',
  'customer.read',
  'customer.address.read',
  'a',
];
const PATTERNS = [...NAMES, '*', 'ticket.*', 'customer.*', 'customer.address.*'];

const scope = fc.constantFrom(...SCOPES);
const grants = fc.array(
  fc.record({
    scopeId: scope,
    permissions: fc.array(fc.constantFrom(...PATTERNS), { maxLength: 3 }),
  }),
  { maxLength: 4 },
);
const setOf = (given: readonly ScopedPermissions[]): AccessSet => new AccessSet(new ScopeTree(NODES), given);

/** Every permission at every scope. */
const everywhere = (test: (name: string, at: string) => void): void => {
  for (const at of SCOPES) for (const name of NAMES) test(name, at);
};

describe('an access set, against the reference', () => {
  it('covers what a grant covers at a scope or above it, and nothing else', () => {
    fc.assert(
      fc.property(grants, (given) => {
        const set = setOf(given);
        everywhere((name, at) => expect(set.holdsAt(name, at)).toBe(may(NODES, given, name, at)));
      }),
    );
  });

  it('adds up: a union holds exactly what either holds', () => {
    fc.assert(
      fc.property(grants, grants, (a, b) => {
        const both = setOf([...a, ...b]);
        everywhere((name, at) =>
          expect(both.holdsAt(name, at)).toBe(may(NODES, a, name, at) || may(NODES, b, name, at)),
        );
      }),
    );
  });

  it('narrows: a meet holds exactly what both hold, whichever narrows the other', () => {
    fc.assert(
      fc.property(grants, grants, (a, b) => {
        const [ab, ba] = [setOf(a).meet(setOf(b)), setOf(b).meet(setOf(a))];
        everywhere((name, at) => {
          const wanted = may(NODES, a, name, at) && may(NODES, b, name, at);
          expect([ab.holdsAt(name, at), ba.holdsAt(name, at)]).toEqual([wanted, wanted]);
        });
      }),
    );
  });

  it('never grows when narrowed, and narrowing twice changes nothing', () => {
    fc.assert(
      fc.property(grants, grants, (a, b) => {
        const once = setOf(a).meet(setOf(b));
        expect(setOf(a).missing(once)).toEqual([]);
        expect(once.meet(setOf(b)).missing(once)).toEqual([]);
      }),
    );
  });

  it('reports as missing exactly what the other holds and it does not', () => {
    fc.assert(
      fc.property(grants, grants, (a, b) => {
        const known = b.filter(({ scopeId }) => scopeId !== 'unknown');
        const missing = setOf(a).missing(setOf(known));
        const lacks = known.some((g) =>
          g.permissions.some(
            (pattern) =>
              !a.some(
                (held) =>
                  path(NODES, g.scopeId).includes(held.scopeId) &&
                  held.permissions.some((p) => covers(p, pattern)),
              ),
          ),
        );
        expect(missing.length > 0).toBe(lacks);
      }),
    );
  });

  it('reaches exactly the scopes where the permission is held, listing only the topmost', () => {
    fc.assert(
      fc.property(grants, fc.constantFrom(...NAMES), (given, name) => {
        const reach = setOf(given).reach(name);
        for (const at of SCOPES.filter((id) => id !== 'unknown')) {
          const inside = reach === 'EVERYTHING' || reach.some((id) => path(NODES, at).includes(id));
          expect(inside).toBe(may(NODES, given, name, at));
        }
        if (reach !== 'EVERYTHING') {
          const nested = reach.filter((id) => reach.some((o) => o !== id && path(NODES, id).includes(o)));
          expect(nested).toEqual([]);
        }
      }),
    );
  });

  it('has a different fingerprint exactly when the listed grants differ', () => {
    fc.assert(
      fc.property(grants, (given) => {
        expect(setOf(given).fingerprint).toBe(setOf([...given].reverse()).fingerprint);
        const more = [...given, { scopeId: ROOT_SCOPE.id, permissions: ['something_new'] }];
        expect(setOf(more).fingerprint).not.toBe(setOf(given).fingerprint);
      }),
    );
  });
});

describe('an access set', () => {
  it('holds nothing when it is empty', () => {
    for (const set of [setOf([]), setOf([{ scopeId: ROOT_SCOPE.id, permissions: [] }])]) {
      expect(set.reach('view_customer')).toEqual([]);
      expect(set.extent).toEqual([]);
      expect(set.reaches('c1')).toBe(false);
      expect(set.holdsAnywhere('view_customer')).toBe(false);
    }
  });

  it('follows scopes that are moved or deleted', () => {
    const tree = new ScopeTree(NODES);
    const set = new AccessSet(tree, [{ scopeId: 'c1', permissions: ['a'] }]);
    expect(set.holdsAt('a', 'c1o1a')).toBe(true);
    tree.put([scopeNode('c1o1', 'ORGANIZATION', 'c2')]);
    expect(set.holdsAt('a', 'c1o1a')).toBe(false);
    tree.remove('c1');
    expect(set.holdsAt('a', 'c1o2')).toBe(false);
  });
});
