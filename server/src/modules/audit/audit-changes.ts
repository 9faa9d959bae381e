import type { AccessSet } from '../access/access-set.js';
import type { Directory } from '../access/directory.js';
import { seesScope } from '../access/grant.js';

const SCOPE_ID = /^scp_[0-9a-z]{26}$/;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * What an event changed, as a viewer may see it: scopes that it can see have their names beside their ids, and what is said
 * of others is left out.
 */
export function showChanges(changes: unknown, directory: Directory, viewer: AccessSet): unknown {
  // A scope that was deleted is nowhere: only who sees everything may know that it was.
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
