import { expect, it } from 'vitest';
import { ROOT_NODE, scopeNode } from '../access/decide/access.fixture.js';
import { AccessSet } from '../access/decide/access-set.js';
import { ScopeTree } from '../scopes/tree/scope-tree.js';
import { KeyRights } from './key-rights.js';

const rights = (): KeyRights =>
  new KeyRights(
    new AccessSet(new ScopeTree([ROOT_NODE, scopeNode('c1', 'CUSTOMER')]), [
      { scopeId: 'c1', permissions: ['view_customer', 'b'] },
    ]),
    true,
    'c1',
  );

it.each([
  ['a scope and a permission', [['view_customer', 'd'], 'c1'], [['d'], 'c1 view_customer']],
  ['permissions', [['a', 'b'], null], [['a b'], null]],
  ['no scope but a scope name', [['view_customer'], null], [['view_customer'], '']],
] as const)('a question is never mistaken for a similar one: %s', (_, asked, alike) => {
  const others = rights();
  const judge = (of: KeyRights, [wanted, scopeId]: typeof asked | typeof alike): unknown =>
    of.judge(wanted, scopeId);
  for (const [first, second] of [
    [asked, alike],
    [alike, asked],
  ] as const) {
    const known = rights();
    judge(known, first);
    judge(known, [['other'], null] as never);
    expect(judge(known, second)).toEqual(judge(others, second));
  }
});
