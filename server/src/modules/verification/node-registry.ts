import type { Role } from '../../config/config.js';
import type { RedisFault } from '../../core/redis-faults.js';

/** Whether a process counts limits and remembers nonces together with others in Redis, and can reach that. */
export type NodeRedis = 'none' | 'reached' | 'away';

/** How a process stands that has an index of keys. */
export interface NodeState {
  /** What it has applied, as PostgreSQL writes snapshots. */
  readonly applied: string;
  /** Number of keys in its index. */
  readonly keys: number;
  /** Bytes of usage that wait to be written to the database. */
  readonly backlogBytes: number;
  /** Verifications whose count was lost since it started. */
  readonly lostEvents: number;
  /** Whether it lost more, which nobody counted. */
  readonly lostIsMinimum: boolean;
  readonly redis: NodeRedis;
  /** Times since it started that it found another database, or one that went back. */
  readonly databaseChanges: number;
  /** When it found that last. */
  readonly databaseChangedAt: Date | null;
  /** Whether notifications of PostgreSQL arrive; null: not known. */
  readonly hearsNotifications: boolean | null;
  readonly redisFaults: readonly RedisFault[];
}

/** What the database has of a heartbeat that it committed. */
export interface Beat {
  /** Grows by one with each; a smaller one shows that the database went back. */
  readonly beat: number;
  /** Of the database. */
  readonly era: string;
  /** How many other processes there are. */
  readonly others: number;
  /** Holds that nobody has settled. */
  readonly holds: number;
}

/** Who a process is. */
export interface NodeIdentity {
  readonly id: string;
  readonly role: Role;
  readonly host: string;
  readonly version: string;
  readonly startedAt: Date;
}

/** How many processes that verify there are, and how many of them have applied a change. */
export interface NodeProgress {
  readonly nodes: number;
  readonly applied: number;
}

/** A change by its transaction, and the event that ended the audit log then; null: made by an older version, which did not say. */
export interface MadeChange {
  readonly xid: bigint;
  readonly auditEventId: string | null;
}

/** How far a change has come in other processes, and whether the database has it. */
export interface KeptProgress extends NodeProgress {
  /** False after the database went back to before the change. */
  readonly kept: boolean;
  /** The era of the database. */
  readonly era: string;
}

/** A process as the others see it. */
export interface KnownNode extends NodeIdentity, NodeState {
  readonly seenAt: Date;
}

/** Where processes tell each other how they stand. One that was not seen for a while counts no more. */
export interface NodeRegistry {
  /** Tells how this process stands. With `wake`, whoever waits for a change looks again. */
  beat(identity: NodeIdentity, state: NodeState, wake: boolean): Promise<Beat>;
  /**
   * How far a committed transaction has come in the processes other than this one. With what it saw, a process counts as soon
   * as it has applied all changes among that and those that the transaction made itself; without, once it has told so since.
   */
  progress(made: MadeChange, saw: string | null, exceptId: string): Promise<KeptProgress>;
  /** Everyone who was seen lately. */
  list(): Promise<KnownNode[]>;
  /** Takes this process out. */
  leave(id: string): Promise<void>;
}
