import pg from 'pg';
import { NoSessionError } from '../core/no-session-error.js';
import type { Database, Queries } from '../core/queries.js';
import { BoundedClient } from './bounded-client.js';
import type { Connection } from './connection.js';

/** How patient a {@link SteadyClient} is. */
export interface SteadyClientSettings {
  /** As `pg_stat_activity` shows it. */
  readonly applicationName: string;
  /** How long a connection may take to be made, in milliseconds. */
  readonly connectWithinMs: number;
  /** How long an answer may take, in milliseconds. */
  readonly answerWithinMs: number;
  /** Told of each connection that was made: the process of the server behind it. */
  readonly onConnected?: (backendPid: number) => void;
}

/** Whether an error is an answer of the server, after which the connection goes on. */
const isFromServer = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.severity !== 'FATAL';

/**
 * One connection that is made when it is first needed, and again after it was lost. A statement that is not answered in time
 * takes the connection with it: a network that swallows packets must not keep the next statement waiting. Statements run one
 * after another; only one owner uses it.
 */
export class SteadyClient implements Database {
  private client: Promise<pg.Client> | undefined;
  /** What {@link client} resolves with. */
  private made: pg.Client | undefined;
  private queue: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(
    private readonly connection: Connection,
    private readonly settings: SteadyClientSettings,
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
        // A connection that is in no known state is not used again.
        await queries.query('rollback').catch(() => this.drop(client));
        throw error;
      }
    });
  }

  /** Ends the connection, once what is under way is answered. */
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
      const made = this.connect();
      this.client = made;
      made.catch(() => {
        if (this.client === made) this.client = undefined;
      });
    }
    return this.client;
  }

  private async connect(): Promise<pg.Client> {
    const { applicationName, connectWithinMs, answerWithinMs } = this.settings;
    const { bounds, ...address } = this.connection;
    const config = {
      ...address,
      application_name: applicationName,
      connectionTimeoutMillis: connectWithinMs,
      query_timeout: answerWithinMs,
      statement_timeout: answerWithinMs,
      keepAlive: true,
    };
    const client = new BoundedClient(config, bounds);
    this.made = client;
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
    if (this.made === client) this.client = undefined;
    // Not `end`, which would wait for a server that does not answer.
    (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  }
}
