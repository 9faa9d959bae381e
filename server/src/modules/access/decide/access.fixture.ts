import { ROOT_SCOPE, type ScopeNode } from '../../scopes/tree/scope.js';
import { AccessSet } from './access-set.js';
import { Directory, type DirectoryContent } from './directory.js';

/** For tests: a scope below another; customers and organizations have their API switched on. */
export const scopeNode = (
  id: string,
  kind: ScopeNode['kind'],
  parentId: string | null = ROOT_SCOPE.id,
  over: Partial<ScopeNode> = {},
): ScopeNode => ({
  id,
  kind,
  name: id,
  parentId,
  email: null,
  joinedOn: null,
  maximumKeys: null,
  apiEnabled: true,
  createdAt: new Date(0),
  version: 1,
  ...over,
});

/** For tests: the root scope alone. */
export const ROOT_NODE = scopeNode(ROOT_SCOPE.id, 'ROOT', null);

/** For tests: a directory with the root scope and the given content. */
export function directoryOf(content: Partial<DirectoryContent> = {}): Directory {
  const directory = new Directory();
  const scopes = [ROOT_NODE, ...(content.scopes ?? [])];
  directory.replaceWith({ roles: [], serviceAccounts: [], ...content, scopes });
  return directory;
}

/** For tests: permissions held at the root of a tree that has no other scopes. */
export const heldAtRoot = (...permissions: string[]): AccessSet =>
  new AccessSet(directoryOf().tree, [{ scopeId: ROOT_SCOPE.id, permissions }]);
