import type { Actor } from '../access/decide/actor.js';
import type { Json } from '../scalars/json.js';

/** One event of the hash-chained audit log. */
export interface AuditEvent {
  readonly id: string;
  readonly at: Date;
  readonly actor: Actor;
  /** The type of the event, such as `api_key.created`. */
  readonly action: string;
  readonly targetType: string;
  readonly targetId: string | null;
  readonly targetName: string | null;
  readonly ip: string | null;
  /** Changed fields with `before` and `after`; never a secret. */
  readonly changes: { readonly [field: string]: Json };
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
    | { readonly from?: Date | null | undefined; readonly to?: Date | null | undefined }
    | null
    | undefined;
}

/** Result of walking the hash chain. */
export interface AuditVerification {
  readonly intact: boolean;
  readonly checked: number;
  /** Events removed from the beginning of the log by retention. */
  readonly removedCount: number;
  readonly firstBrokenId: string | null;
}
