import type { ChangeFeed } from './change-feed.js';

/** The consequence of missing notifications, and the remedy. */
export const NOTIFICATIONS_MISSING =
  'PostgreSQL notifications do not arrive, which is normal with PgBouncer in transaction mode: changes are polled ten times a second, and live usage does not update until DATABASE_URL leads to a pool with pool_mode = session or to PostgreSQL itself.';

/** Tracks whether PostgreSQL notifications arrive; without them the feed must poll. */
export class NotificationStatus {
  private state: boolean | null = null;
  private logged = true;

  constructor(
    private readonly feed: Pick<ChangeFeed, 'polledAlone'>,
    private readonly log: (message: string) => void,
  ) {
    feed.polledAlone = true;
  }

  /** Null if unknown. */
  get arriving(): boolean | null {
    return this.state;
  }

  /** Records the result of a test; null while not connected. */
  record(arriving: boolean | null): void {
    this.state = arriving;
    this.feed.polledAlone = arriving !== true;
    if (arriving === null || arriving === this.logged) return;
    this.logged = arriving;
    this.log(arriving ? 'PostgreSQL notifications arrive again.' : NOTIFICATIONS_MISSING);
  }
}
