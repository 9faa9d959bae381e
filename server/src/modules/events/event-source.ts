import type { CommittedEvent } from './event.js';

/** What to read of a round: events that `seen` does not see and `until` does, after a transaction and its event. */
export interface RoundRequest {
  readonly seen: string;
  /** undefined: the snapshot of the statement. */
  readonly until?: string | undefined;
  readonly after?: { readonly xid: string; readonly seq: string } | undefined;
}

/** Events in the order of their transactions' ids; `until` of the request, or of the statement. */
export interface Round {
  readonly until: string;
  readonly events: readonly CommittedEvent[];
  /** Whether there are more in this round. */
  readonly more: boolean;
}

/** Reads events in the order in which they were committed. */
export interface EventSource {
  /** The current snapshot. */
  now(): Promise<string>;
  /** Error: BAD_USER_INPUT if `seen` is later than the database, because it was restored. */
  round(request: RoundRequest): Promise<Round>;
}
