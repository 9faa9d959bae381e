import pg from 'pg';
import { NoSessionError } from '../core/no-session-error.js';
import type { Database, Queries } from '../core/queries.js';
import { BoundedClient } from './bounded-client.js';
import type { Connection } from './connection.js';

/** Name and timeouts of a {@link ReconnectingClient}. */
export interface ReconnectingClientSettings {
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Timeout for connecting, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** Timeout for a response, in milliseconds. */
  readonly responseTimeoutMs: number;
  /** Called after each connect with the id of the server process. */
  readonly onConnected?: (backendPid: number) => void;
}

/** Whether the server reported the error and the connection stays usable. */
const isFromServer = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.severity !== 'FATAL';

/**
 * One connection that opens on first use and reconnects after a loss. A statement that times out closes the connection,
 * because a network that swallows packets must not make the next statement wait. Statements run one after another. For a
 * single owner.
 */
export class ReconnectingClient implements Database {
  private client: Promise<pg.Client> | undefined;
  /** The client that {@link client} resolves with. */
  private current: pg.Client | undefined;
  private queue: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(
    private readonly connection: Connection,
    private readonly settings: ReconnectingClientSettings,
  ) {}

  query<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.next(async () => this.send<Row>(await this.connected(), text, values));
  }

  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    return this.next(async () => {
      const client = await this.connected();
      const queries: Queries = { query: (text, values = []) => this.send(client, text, values) };
      await queries.query('begin');
      try {
        const value = await work(queries);
        await queries.query('commit');
        return value;
      } catch (error) {
        // A connection in an unknown state is not used again.
        await queries.query('rollback').catch(() => this.drop(client));
        throw error;
      }
    });
  }

  /** Closes the connection after the queued statements. */
  async close(): Promise<void> {
    this.closed = true;
    await this.queue.catch(() => undefined);
    const client = await this.client?.catch(() => undefined);
    await client?.end().catch(() => undefined);
  }

  private next<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work, work);
    this.queue = result.catch(() => undefined);
    return result;
  }

  private connected(): Promise<pg.Client> {
    if (this.closed) return Promise.reject(new Error('The connection is closed.'));
    if (!this.client) {
      const connecting = this.connect();
      this.client = connecting;
      connecting.catch(() => {
        if (this.client === connecting) this.client = undefined;
      });
    }
    return this.client;
  }

  private async connect(): Promise<pg.Client> {
    const { applicationName, connectTimeoutMs, responseTimeoutMs } = this.settings;
    const { bounds, ...address } = this.connection;
    const config = {
      ...address,
      application_name: applicationName,
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: responseTimeoutMs,
      statement_timeout: responseTimeoutMs,
      keepAlive: true,
    };
    const client = new BoundedClient(config, bounds);
    this.current = client;
    client.on('error', () => this.drop(client));
    client.on('end', () => this.drop(client));
    try {
      await client.connect();
    } catch (error) {
      this.drop(client);
      throw new NoSessionError(error);
    }
    const { processID } = client as unknown as { processID: number | null };
    if (processID !== null) this.settings.onConnected?.(processID);
    return client;
  }

  private async send<Row>(client: pg.Client, text: string, values: readonly unknown[]): Promise<Row[]> {
    try {
      const { rows } = await client.query<Row & pg.QueryResultRow>(text, [...values]);
      return rows;
    } catch (error) {
      if (!isFromServer(error)) this.drop(client);
      throw error;
    }
  }

  private drop(client: pg.Client): void {
    if (this.current === client) this.client = undefined;
    // `end` would wait for a server that does not answer.
    (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  }
}
