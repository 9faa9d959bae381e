import type { LocalState } from '@keywright/schema/local-protocol';
import type { VerificationTally } from '../verification/verification-tally.js';
import type { ChangeFeed } from '../replica/change-feed.js';
import {
  LocalConnection,
  type LocalCaller,
  type LocalConnectionDeps,
  type LocalLink,
} from './local-connection.js';
import { ReportedBatches } from './reported-batches.js';

const STATE_EVERY_MS = 1000;
const LOOK_EVERY_MS = 100;
/** Maximum number of keys remembered per connection, and by all connections of one caller. */
const MAX_REMEMBERED = 100_000;
const MAX_REMEMBERED_PER_CALLER = 500_000;

export interface LocalVerifiersDeps extends Omit<LocalConnectionDeps, 'freshness' | 'reports' | 'roomOf'> {
  readonly feed: Pick<ChangeFeed, 'applied' | 'polled' | 'fresh' | 'ageMs' | 'requireFresh'>;
  readonly tally: VerificationTally;
  /** How long known keys remain usable while the database is unreachable. */
  readonly maxStalenessSeconds: number;
}

/** All local verifiers connected to this process; each is notified of changes immediately. */
export class LocalVerifiers {
  private readonly connections = new Set<LocalConnection>();
  private readonly connectionsOf = new Map<string, number>();
  private readonly reports: ReportedBatches;
  private timer: NodeJS.Timeout | undefined;
  private sentAtMs = -Infinity;
  private sentFresh = false;

  constructor(private readonly deps: LocalVerifiersDeps) {
    this.reports = new ReportedBatches(deps);
    deps.feed.applied.on((change) => {
      for (const connection of this.connections) connection.apply(change);
    });
    deps.feed.polled.on(() => this.look());
  }

  /** Starts serving a caller. */
  open(caller: LocalCaller, link: LocalLink): LocalConnection {
    const { feed, maxStalenessSeconds } = this.deps;
    const { reports } = this;
    const roomOf = (callerId: string): number => this.roomOf(callerId);
    const connection = new LocalConnection({ ...this.deps, freshness: feed, reports, roomOf }, caller, link);
    this.connections.add(connection);
    const { callerId } = connection;
    this.connectionsOf.set(callerId, (this.connectionsOf.get(callerId) ?? 0) + 1);
    link.send({ type: 'hello', maxStalenessMs: maxStalenessSeconds * 1000, state: this.state });
    // Its key may have changed while the connection was opened.
    connection.checkCaller();
    this.timer ??= setInterval(() => this.look(), LOOK_EVERY_MS);
    this.timer.unref();
    return connection;
  }

  /** Removes a closed connection. */
  close(connection: LocalConnection): void {
    connection.stop();
    if (this.connections.delete(connection)) {
      const left = this.connectionsOf.get(connection.callerId)! - 1;
      if (left > 0) this.connectionsOf.set(connection.callerId, left);
      else this.connectionsOf.delete(connection.callerId);
    }
    if (this.connections.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private roomOf(callerId: string): number {
    const connections = this.connectionsOf.get(callerId) ?? 1;
    return Math.min(MAX_REMEMBERED, Math.ceil(MAX_REMEMBERED_PER_CALLER / connections));
  }

  private get state(): LocalState {
    const { feed, clock } = this.deps;
    return { atMs: clock.now(), ageMs: Math.max(0, Math.round(feed.ageMs)), fresh: feed.fresh };
  }

  private look(): void {
    for (const connection of this.connections) connection.checkCaller();
    const { fresh } = this.deps.feed;
    const nowMs = this.deps.monotonicClock.now();
    if (fresh === this.sentFresh && nowMs - this.sentAtMs < STATE_EVERY_MS) return;
    this.sentFresh = fresh;
    this.sentAtMs = nowMs;
    const { state } = this;
    for (const connection of this.connections) connection.sendState(state);
  }
}
