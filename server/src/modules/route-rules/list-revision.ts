import { hash } from 'node:crypto';
import { AppError } from '../../core/errors.js';
import type { PlacedRouteRule } from './route-rule.js';

/** The revision of the list that a caller saw; absent: whatever is there is changed. */
export type ExpectedRevision = string | null | undefined;

/** What tells one state of the whole list from any other: it changes when a rule comes, goes, changes or moves. */
export const revisionOf = (rules: readonly PlacedRouteRule[]): string =>
  hash('sha256', rules.map(({ id, version }) => `${id} ${version}`).join('\n'), 'base64url');

/** Refuses a change of a list that changed since the caller saw it; ask inside the transaction, with the list locked. Error: CONFLICT. */
export function requireRevision(
  rules: readonly PlacedRouteRule[],
  expected: ExpectedRevision,
  message: string,
): void {
  if (expected == null) return;
  const currentRevision = revisionOf(rules);
  if (expected !== currentRevision) throw new AppError('CONFLICT', message, { currentRevision });
}
