import { hash } from 'node:crypto';
import { AppError } from '../../core/errors.js';
import type { PlacedRouteRule } from './route-rule.js';

/** The revision of the list that the caller saw; if absent, any state is changed. */
export type ExpectedRevision = string | null | undefined;

/** Identifies a state of the whole list: it changes when a rule is added, removed, changed or moved. */
export const revisionOf = (rules: readonly PlacedRouteRule[]): string =>
  hash('sha256', rules.map(({ id, version }) => `${id} ${version}`).join('\n'), 'base64url');

/**
 * Rejects a change of a list that has changed since the caller saw it; call it inside the transaction, with the list
 * locked. Error: CONFLICT.
 */
export function requireRevision(
  rules: readonly PlacedRouteRule[],
  expected: ExpectedRevision,
  message: string,
): void {
  if (expected == null) return;
  const currentRevision = revisionOf(rules);
  if (expected !== currentRevision) throw new AppError('CONFLICT', message, { currentRevision });
}
