import type { Directory } from '../access/decide/directory.js';
import { grantsForAudit } from '../access/decide/grant.js';
import type { Noted } from '../audit/change-runner.js';
import type { Json } from '../scalars/json.js';
import type { KeyChanges, NewKey } from './key-store.js';
import type { ApiKey } from './key.js';

/** Changed members with their values before and after. */
export type Described = { [member: string]: { before: Json; after: Json } };

const plain = (value: unknown): Json =>
  value instanceof Date ? value.toISOString() : ((value ?? null) as Json);

/** Everything that a new key was given. */
export const describeNew = (directory: Directory, { grants, ...settings }: NewKey): Described => ({
  ...Object.fromEntries(
    Object.entries(settings).map(([member, value]) => [member, { before: null, after: plain(value) }]),
  ),
  grants: { before: null, after: grantsForAudit(directory, grants) },
});

/** The members whose values actually differ. */
export const describeChanges = (key: ApiKey, changes: KeyChanges): Described =>
  Object.fromEntries(
    (Object.keys(changes) as (keyof KeyChanges)[])
      .map((member) => [member, { before: plain(key[member]), after: plain(changes[member]) }] as const)
      .filter(([, { before, after }]) => JSON.stringify(before) !== JSON.stringify(after)),
  );

/** What the audit log records about a change of a key. */
export const notedOf = (
  { id, name, scopeId }: Pick<ApiKey, 'id' | 'name' | 'scopeId'>,
  action: string,
  changes: Described,
): Noted => ({ action, targetType: 'ApiKey', targetId: id, targetName: name, scopeIds: [scopeId], changes });
