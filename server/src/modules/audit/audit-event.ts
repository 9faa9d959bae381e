import type { Actor } from '../access/decide/actor.js';
import type { Json } from '../scalars/json.js';

/** Kinds of objects in the audit log. */
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

/** Kind of an object in the audit log. */
export type AuditTargetType = (typeof AUDIT_TARGET_TYPES)[number];

/** Former spellings of some kinds. Events are never rewritten because their hashes cover the kind. */
const FORMER_TARGET_TYPES: Readonly<Record<string, AuditTargetType>> = {
  session: 'Session',
  settings: 'Settings',
  user: 'User',
};

/** The current spelling of the kind of a stored event. */
export const currentTargetType = (stored: string): string => FORMER_TARGET_TYPES[stored] ?? stored;

/** Every spelling under which events of a kind are stored. */
export function storedTargetTypes(targetType: string): string[] {
  const current = currentTargetType(targetType);
  const former = Object.keys(FORMER_TARGET_TYPES).filter((stored) => FORMER_TARGET_TYPES[stored] === current);
  return [current, ...former];
}

/** An event before it is appended to the log. */
export interface AuditRecord {
  readonly actor: Actor;
  /** The action, such as `apiKey.create`. */
  readonly action: string;
  readonly targetType: AuditTargetType;
  readonly targetId: string | null;
  readonly targetName: string | null;
  readonly ip: string | null;
  /** Scopes of the event: users who can read the audit log there see it. Absent or the root: the whole installation. */
  readonly scopeIds?: readonly string[];
  /** Changed fields with `before` and `after`; never a secret. */
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

/** Result of walking the hash chain. */
export interface AuditVerification {
  readonly intact: boolean;
  readonly checked: number;
  /** Events removed from the beginning of the log by retention. */
  readonly removedCount: number;
  readonly firstBrokenId: string | null;
}
