import type { Clock } from '../../core/clock.js';
import { badInput } from '../../core/errors.js';
import type { ChangePropagation, Propagation } from '../../core/propagation.js';
import type { ChangeFeed } from './change-feed.js';

/** A change token is the id of the transaction that made the change. */
const CHANGE_TOKEN = /^[1-9]\d{0,18}$/;

/** Says how far changes have come, for one node that verifies. */
export class FeedPropagation implements ChangePropagation {
  /** @param clock Monotonic. */
  constructor(
    private readonly feed: ChangeFeed,
    private readonly clock: Clock,
  ) {}

  /** A database that is lost right after the commit leaves the change unapplied for now, and is no error of the mutation. */
  async settle(changeToken: string): Promise<Propagation> {
    const startedAtMs = this.clock.now();
    const applied = await this.feed.catchUp().then(
      () => true,
      () => false,
    );
    const milliseconds = applied ? Math.round(this.clock.now() - startedAtMs) : null;
    return { changeToken, nodes: 1, applied: applied ? 1 : 0, milliseconds };
  }

  status(changeToken: string): Promise<Propagation> {
    if (!CHANGE_TOKEN.test(changeToken)) {
      return Promise.reject(
        badInput([{ path: 'changeToken', message: 'This is not a change token of a mutation.' }]),
      );
    }
    const applied = this.feed.hasApplied(BigInt(changeToken));
    return Promise.resolve({ changeToken, nodes: 1, applied: applied ? 1 : 0, milliseconds: null });
  }
}
