import type { AccessSet } from '../access/decide/access-set.js';
import type { Directory } from '../access/decide/directory.js';
import { seesScope } from '../access/decide/grant.js';

const SCOPE_ID = /^scp_[0-9a-z]{26}$/;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The changes of an event as a viewer can see them: visible scopes get their names next to their ids, all others are
 * left out.
 */
export function showChanges(changes: unknown, directory: Directory, viewer: AccessSet): unknown {
  // A deleted scope has no place in the tree: only viewers who see everything can see it.
  const everything = viewer.extent === 'EVERYTHING';
  const sees = (scopeId: string): boolean => everything || seesScope(viewer, scopeId);
  const named = (scope: string): Record<string, unknown> => ({
    scope,
    scopeName: directory.tree.get(scope)?.name ?? null,
  });
  const show = (value: unknown): unknown => {
    if (typeof value === 'string' && SCOPE_ID.test(value)) {
      return sees(value) ? named(value) : null;
    }
    if (Array.isArray(value)) {
      return value
        .filter((entry) => !isRecord(entry) || typeof entry['scope'] !== 'string' || sees(entry['scope']))
        .map(show);
    }
    if (!isRecord(value)) return value;
    const { scope, ...rest } = value;
    const shown = Object.fromEntries(Object.entries(rest).map(([member, inner]) => [member, show(inner)]));
    if (scope === undefined) return shown;
    return typeof scope === 'string' && SCOPE_ID.test(scope)
      ? { ...named(scope), ...shown }
      : { scope: show(scope), ...shown };
  };
  return show(changes);
}
