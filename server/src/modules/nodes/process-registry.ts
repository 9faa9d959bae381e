import type { Role } from '../../config/config.js';
import type { RedisFault } from '../../core/redis-faults.js';

/** Whether a process shares limits and nonces with others through Redis, and can reach it. */
export type ProcessRedis = 'none' | 'reached' | 'away';

/** The state of a process that has an index of keys. */
export interface ProcessState {
  /** What it has applied, as a PostgreSQL snapshot. */
  readonly applied: string;
  /** Number of keys in its index. */
  readonly keys: number;
  /** Bytes of usage waiting to be written to the database. */
  readonly backlogBytes: number;
  /** Verifications whose count was lost since it started. */
  readonly lostEvents: number;
  /** Whether more verifications were lost than were counted. */
  readonly lostIsMinimum: boolean;
  readonly redis: ProcessRedis;
  /** How often since its start the database was replaced, restored or failed over. */
  readonly databaseChanges: number;
  /** When that last happened. */
  readonly databaseChangedAt: Date | null;
  /** Whether PostgreSQL notifications arrive; null if unknown. */
  readonly hearsNotifications: boolean | null;
  readonly redisFaults: readonly RedisFault[];
}

/** The result of a committed heartbeat. */
export interface Beat {
  /** Grows by one with each heartbeat; a smaller number shows that an earlier state was restored. */
  readonly beat: number;
  /** The era of the database. */
  readonly era: string;
  /** Number of other processes. */
  readonly others: number;
  /** Number of unsettled holds. */
  readonly holds: number;
}

/** The identity of a process. */
export interface ProcessIdentity {
  readonly id: string;
  readonly role: Role;
  readonly host: string;
  readonly version: string;
  readonly startedAt: Date;
}

/** How many processes verify, and how many of them have applied a change. */
export interface ChangeProgress {
  readonly nodes: number;
  readonly applied: number;
}

/**
 * A change by its transaction and the last audit event at that time; null if an older version committed it, which did
 * not record the event.
 */
export interface CommittedChange {
  readonly xid: bigint;
  readonly auditEventId: string | null;
}

/** How far a change has propagated in other processes, and whether the database still has it. */
export interface KeptProgress extends ChangeProgress {
  /** False after the database was restored to a state before the change. */
  readonly kept: boolean;
  /** The era of the database. */
  readonly era: string;
}

/** A process as the others see it. */
export interface KnownProcess extends ProcessIdentity, ProcessState {
  readonly seenAt: Date;
}

/** Where processes publish their state. A process that was not seen for a while no longer counts. */
export interface ProcessRegistry {
  /** Publishes the state of this process. With `wake`, processes that wait for a change check again. */
  beat(identity: ProcessIdentity, state: ProcessState, wake: boolean): Promise<Beat>;
  /**
   * How far a committed transaction has propagated in the other processes. With the snapshot it saw, a process counts
   * once it has applied all changes visible in that snapshot and those of the transaction itself; without one, once
   * it has reported a state since.
   */
  progress(made: CommittedChange, saw: string | null, exceptId: string): Promise<KeptProgress>;
  /** Every process that was seen recently. */
  list(): Promise<KnownProcess[]>;
  /** Removes a process. */
  leave(id: string): Promise<void>;
}
