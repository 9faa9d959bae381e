import type { Role } from '../../config/config.js';

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
  readonly redis: NodeRedis;
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

/** A process as the others see it. */
export interface KnownNode extends NodeIdentity, NodeState {
  readonly seenAt: Date;
}

/** Where processes tell each other how they stand. One that was not seen for a while counts no more. */
export interface NodeRegistry {
  /** Tells how this process stands; returns how many others there are. With `wake`, whoever waits for a change looks again. */
  beat(identity: NodeIdentity, state: NodeState, wake: boolean): Promise<number>;
  /**
   * How far a committed transaction has come in the processes other than this one. With what it saw, a process counts as soon
   * as it has applied all changes among that and those that the transaction made itself; without, once it has told so since.
   */
  progress(xid: bigint, saw: string | null, exceptId: string): Promise<NodeProgress>;
  /** Everyone who was seen lately. */
  list(): Promise<KnownNode[]>;
  /** Takes this process out. */
  leave(id: string): Promise<void>;
}
