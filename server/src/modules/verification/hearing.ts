import type { ChangeFeed } from './change-feed.js';

/** What follows where notifications do not arrive, and what to do. */
export const UNHEARD =
  'The notifications of PostgreSQL do not arrive, as behind PgBouncer in transaction mode: changes are polled ten times a second and live usage stands still until DATABASE_URL leads to a pool with pool_mode = session, or to PostgreSQL itself.';

/** Whether notifications of PostgreSQL arrive; without them the feed has to look by itself. */
export class Hearing {
  private state: boolean | null = null;
  private logged = true;

  constructor(
    private readonly feed: Pick<ChangeFeed, 'polledAlone'>,
    private readonly log: (message: string) => void,
  ) {
    feed.polledAlone = true;
  }

  /** null: not known. */
  get hears(): boolean | null {
    return this.state;
  }

  /** Notes what a test found; null when nobody listens. */
  note(hears: boolean | null): void {
    this.state = hears;
    this.feed.polledAlone = hears !== true;
    if (hears === null || hears === this.logged) return;
    this.logged = hears;
    this.log(hears ? 'The notifications of PostgreSQL arrive again.' : UNHEARD);
  }
}
