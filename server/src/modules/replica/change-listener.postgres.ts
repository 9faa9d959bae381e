import pg from 'pg';
import { followerName } from '../usage/live-usage.js';
import { NOTIFICATION_TEST_CHANNEL, NotificationTest } from './notification-test.js';

const CHANGES = 'keywright_change';
const NAME = 'keywright listener';
const HEARTBEAT_MS = 2000;
const ANSWER_WITHIN_MS = 4000;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5000;
const TEST_EVERY_MS = 15_000;

/** The application name of the connection tells senders that a listener exists. */
const followText = (channel: string): string =>
  `set application_name to '${followerName(channel)}'; listen ${channel}`;
const unfollowText = (channel: string): string => `unlisten ${channel}; set application_name to '${NAME}'`;

export interface ChangeListenerEvents {
  /** Something changed. */
  readonly onChange: () => void;
  /** Something may have changed while the connection was down. */
  readonly onWake: () => void;
  /** A notification arrived on another followed channel. */
  readonly onNotice: (channel: string, payload: string) => void;
  /** The database answered a heartbeat. */
  readonly onAnswer: () => void;
  /** Whether notifications arrive, tested on connecting and every 15 s; null while not connected. */
  readonly onNotificationTest: (arriving: boolean | null) => void;
}

export interface ChangeListenerDeps {
  readonly connection: pg.ClientConfig;
  /** Further channels to listen to, besides the channel of changes. */
  readonly channels: readonly string[];
  /** Notifies over another connection: a listening one receives its own notifications through any pooler. */
  readonly notify: (channel: string, payload: string) => Promise<unknown>;
}

/**
 * A dedicated connection that only wakes the change feed. Losing it loses nothing, since the feed polls too: it
 * reconnects with growing pauses or once the feed has recovered, and wakes the feed once it listens again.
 */
export class ChangeListener {
  private client: pg.Client | undefined;
  private heartbeat: NodeJS.Timeout | undefined;
  private retry: NodeJS.Timeout | undefined;
  private retryMs = FIRST_RETRY_MS;
  private closed = false;
  private readonly followed = new Set<string>();
  private readonly notificationTest: NotificationTest;
  private testedAtMs = -Infinity;
  private beating = false;

  constructor(
    private readonly deps: ChangeListenerDeps,
    private readonly events: ChangeListenerEvents,
  ) {
    this.notificationTest = new NotificationTest((payload) =>
      deps.notify(NOTIFICATION_TEST_CHANNEL, payload),
    );
  }

  /** Starts or stops listening to a further channel; unwanted notifications cost time. */
  follow(channel: string, wanted: boolean): void {
    if (this.followed.has(channel) === wanted) return;
    if (wanted) this.followed.add(channel);
    else this.followed.delete(channel);
    // Without a connection, the next one subscribes.
    this.client?.query(wanted ? followText(channel) : unfollowText(channel)).catch(() => undefined);
  }

  /** Starts listening; an unreachable database is retried, not reported. */
  start(): void {
    void this.connect();
  }

  /** Connects now instead of at the next retry, for when the database is known to be back. */
  retryNow(): void {
    if (this.retry === undefined) return;
    clearTimeout(this.retry);
    this.reconnect();
  }

  /** Closes the connection. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retry);
    this.retry = undefined;
    clearInterval(this.heartbeat);
    await this.client?.end().catch(() => undefined);
  }

  private reconnect(): void {
    this.retry = undefined;
    void this.connect();
  }

  private async connect(): Promise<void> {
    const client = new pg.Client({
      ...this.deps.connection,
      application_name: NAME,
      connectionTimeoutMillis: ANSWER_WITHIN_MS,
      query_timeout: ANSWER_WITHIN_MS,
      keepAlive: true,
    });
    this.client = client;
    client.on('error', () => this.lose(client));
    client.on('end', () => this.lose(client));
    client.on('notification', ({ channel, payload = '' }) => {
      if (channel === CHANGES) this.events.onChange();
      else if (channel === NOTIFICATION_TEST_CHANNEL) this.notificationTest.receive(payload);
      else this.events.onNotice(channel, payload);
    });
    try {
      await client.connect();
      await this.listen(client);
    } catch {
      this.lose(client);
      return;
    }
    this.retryMs = FIRST_RETRY_MS;
    this.events.onAnswer();
    this.events.onWake();
    this.heartbeat = setInterval(() => void this.beat(client), HEARTBEAT_MS);
    this.heartbeat.unref();
    this.testedAtMs = -Infinity;
    await this.beat(client);
  }

  private async listen(client: pg.Client): Promise<void> {
    for (const channel of [CHANGES, NOTIFICATION_TEST_CHANNEL, ...this.deps.channels]) {
      await client.query(`listen ${channel}`);
    }
    for (const channel of this.followed) await client.query(followText(channel));
  }

  private async beat(client: pg.Client): Promise<void> {
    if (this.beating) return;
    this.beating = true;
    await this.look(client).finally(() => (this.beating = false));
  }

  private async look(client: pg.Client): Promise<void> {
    try {
      // A standby answers but receives no notifications; they are sent on the primary.
      const { rowCount } = await client.query('select where not pg_is_in_recovery()');
      if (rowCount === 0) return this.lose(client);
      this.events.onAnswer();
      if (performance.now() - this.testedAtMs >= TEST_EVERY_MS) await this.testNotifications(client);
    } catch {
      this.lose(client);
    }
  }

  /**
   * Sends nothing over this connection meanwhile: a transaction-mode pooler would lend it a session, which hears for
   * a moment.
   */
  private async testNotifications(client: pg.Client): Promise<void> {
    // After a pooler was reconfigured, this connection listens nowhere yet.
    if (this.testedAtMs !== -Infinity) await this.listen(client);
    const arriving = await this.notificationTest.run();
    if (arriving === null || this.client !== client) return;
    this.testedAtMs = performance.now();
    this.events.onNotificationTest(arriving);
  }

  private lose(client: pg.Client): void {
    if (this.client !== client) return;
    this.client = undefined;
    clearInterval(this.heartbeat);
    client.end().catch(() => undefined);
    this.notificationTest.cancel();
    if (this.closed) return;
    this.events.onNotificationTest(null);
    this.retry = setTimeout(() => this.reconnect(), this.retryMs);
    this.retry.unref();
    this.retryMs = Math.min(this.retryMs * 2, LAST_RETRY_MS);
  }
}
