import { expect, it } from 'vitest';
import { AccessSet } from '../access/decide/access-set.js';
import { directoryOf, heldAtRoot, scopeNode } from '../access/decide/access.fixture.js';
import { ROOT_SCOPE } from '../scopes/tree/scope.js';
import { showChanges } from './shown-changes.js';

const id = (letter: string): string => `scp_${letter.repeat(26)}`;
const directory = directoryOf({
  scopes: [scopeNode(id('a'), 'CUSTOMER', ROOT_SCOPE.id, { name: 'Acme' }), scopeNode(id('b'), 'CUSTOMER')],
});
const viewer = new AccessSet(directory.tree, [{ scopeId: id('a'), permissions: ['keywright.audit.read'] }]);
const changes = {
  name: { before: null, after: 'Sync' },
  parent: { before: id('a'), after: id('b') },
  grants: {
    before: null,
    after: [
      { scope: id('a'), role: 'Viewer' },
      { scope: id('b'), permissions: ['view_invoice'] },
    ],
  },
};

it('names the scopes that the viewer can see, and leaves out all others', () => {
  expect(showChanges(changes, directory, viewer)).toEqual({
    name: { before: null, after: 'Sync' },
    parent: { before: { scope: id('a'), scopeName: 'Acme' }, after: null },
    grants: { before: null, after: [{ scope: id('a'), scopeName: 'Acme', role: 'Viewer' }] },
  });
});

it('shows everything, including deleted scopes, to a viewer with a permission at the root', () => {
  const all = new AccessSet(directory.tree, heldAtRoot('keywright.audit.read').entries());
  const gone = { parent: { before: id('z'), after: id('a') } };
  expect(showChanges(gone, directory, all)).toEqual({
    parent: {
      before: { scope: id('z'), scopeName: null },
      after: { scope: id('a'), scopeName: 'Acme' },
    },
  });
  expect(showChanges(changes, directory, all)).toMatchObject({ grants: { after: [{}, { scope: id('b') }] } });
});
