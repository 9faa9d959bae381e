import type { Actor } from '../access/actor.js';
import type { Json } from '../scalars/json.js';

/** Kinds of objects that the audit log speaks of. */
export const AUDIT_TARGET_TYPES = [
  'ApiKey',
  'AuditLog',
  'Invitation',
  'Permission',
  'Role',
  'RouteRule',
  'Scope',
  'ServiceAccount',
  'Session',
  'Settings',
  'User',
] as const;

/** Kind of an object that the audit log speaks of. */
export type AuditTargetType = (typeof AUDIT_TARGET_TYPES)[number];

/** How older events spell some kinds; events are never rewritten, since their hashes cover it. */
const FORMER_TARGET_TYPES: Readonly<Record<string, AuditTargetType>> = {
  session: 'Session',
  settings: 'Settings',
  user: 'User',
};

/** The kind of a stored event, as it is spelled now. */
export const currentTargetType = (stored: string): string => FORMER_TARGET_TYPES[stored] ?? stored;

/** Every spelling under which events of a kind are stored. */
export function storedTargetTypes(targetType: string): string[] {
  const current = currentTargetType(targetType);
  const former = Object.keys(FORMER_TARGET_TYPES).filter((stored) => FORMER_TARGET_TYPES[stored] === current);
  return [current, ...former];
}

/** What happened, before it has a place in the log. */
export interface AuditRecord {
  readonly actor: Actor;
  /** What was done, such as `apiKey.create`. */
  readonly action: string;
  readonly targetType: AuditTargetType;
  readonly targetId: string | null;
  readonly targetName: string | null;
  readonly ip: string | null;
  /** Scopes it happened in: who may read the audit log there sees it. Absent, or the root: the installation as a whole. */
  readonly scopeIds?: readonly string[];
  /** Changed members with `before` and `after`; never a secret. */
  readonly changes: { readonly [member: string]: Json };
}

/** One event of the hash-chained audit log. */
export interface AuditEvent extends Omit<AuditRecord, 'scopeIds' | 'targetType'> {
  readonly targetType: string;
  readonly id: string;
  readonly at: Date;
  readonly hash: string;
  readonly previousHash: string;
}

/** Which events to list. */
export interface AuditFilter {
  readonly actorId?: string | null | undefined;
  readonly action?: string | null | undefined;
  readonly targetType?: string | null | undefined;
  readonly targetId?: string | null | undefined;
  readonly at?:
    { readonly from?: Date | null | undefined; readonly to?: Date | null | undefined } | null | undefined;
}

/** What a walk over the hash chain found. */
export interface AuditVerification {
  readonly intact: boolean;
  readonly checked: number;
  /** Events that the retention has removed from the beginning of the log. */
  readonly removedCount: number;
  readonly firstBrokenId: string | null;
}
