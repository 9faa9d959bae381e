import type { ClientConfig } from 'pg';
import type { Clock } from '../../core/clock.js';
import { installationRow, type Database, type Queries } from '../../core/queries.js';
import { PostgresDirectoryStore } from '../access/decide/directory-store.postgres.js';
import { Directory } from '../access/decide/directory.js';
import { PostgresRouteRuleLoader } from '../route-rules/route-rule-loader.postgres.js';
import { RouteRuleSet } from '../route-rules/route-rule-set.js';
import { ChangeFeed } from './change-feed.js';
import { ChangeListener } from './change-listener.postgres.js';
import { PostgresChangeSource } from './change-source.postgres.js';
import { KeyMemory } from './holds/key-memory.postgres.js';
import { PostgresKeyLoader } from './key-index.postgres.js';
import { KeyIndex } from './key-index.js';
import { NotificationStatus } from './notification-status.js';
import { Replica } from './replica.js';

type Log = (message: string, error?: unknown) => void;

export interface ReplicaDeps {
  /** For changes, which are small and urgent. */
  readonly changes: Database;
  /** For loading everything, which is neither; from both ends at once. */
  readonly bulk: readonly [Database, Database];
  readonly processId: string;
  readonly dataDir: string;
  /** Name of this machine. */
  readonly host: string;
  readonly maxStalenessSeconds: number;
  readonly clock: Clock;
  readonly monotonicClock: Clock;
  readonly log: Log;
  /** Logs what an operator must look at. */
  readonly alarm: (message: string) => void;
  readonly closers: (() => Promise<unknown> | void)[];
}

/** This process's copy of what verdicts depend on. Nothing is in it until its feed is started. */
export async function openReplica(deps: ReplicaDeps) {
  const { changes, bulk, processId, log, alarm, closers } = deps;
  const directory = new Directory();
  const index = new KeyIndex(directory);
  const routes = new RouteRuleSet();
  const installation = installationRow(await changes.query<{ id: string }>('select id from installation'));
  const memory = await KeyMemory.open({
    dataDir: deps.dataDir,
    installationId: installation.id,
    host: deps.host,
    database: bulk[0],
    log,
  });
  closers.push(() => memory.close());
  const feed = new ChangeFeed({
    source: new PostgresChangeSource(changes, processId),
    replica: new Replica({
      index,
      directory,
      keys: new PostgresKeyLoader(changes, [...bulk]),
      entries: new PostgresDirectoryStore(changes, bulk[0]),
      routes,
      routeRules: new PostgresRouteRuleLoader(changes),
      memory: memory.notes,
    }),
    clock: deps.monotonicClock,
    wallClock: deps.clock,
    maxStalenessSeconds: deps.maxStalenessSeconds,
    log,
    alarm,
    memory,
  });
  return {
    /** Scopes, roles, service accounts and permissions. */
    directory,
    index,
    /** The permissions that requests to protected APIs need, according to route rules. */
    routes,
    feed,
    /** Whether PostgreSQL notifications arrive. */
    notifications: new NotificationStatus(feed, log),
  };
}

/** This process's copy of what verdicts depend on. */
export type OpenReplica = Awaited<ReturnType<typeof openReplica>>;

export interface ListenerDeps {
  readonly replica: Pick<OpenReplica, 'feed' | 'notifications'>;
  readonly connection: ClientConfig;
  /** Sends the notifications that test whether any arrive, over another connection. */
  readonly queries: Queries;
  /** Channels that are always listened to, besides that of changes. */
  readonly channels: readonly string[];
  /** Called with what arrives on these channels, and on those followed for a while. */
  readonly onNotice: (channel: string, payload: string) => void;
}

/** Listens for notifications of PostgreSQL, so that changes are read at once. */
export function listenForChanges({
  replica,
  connection,
  queries,
  channels,
  onNotice,
}: ListenerDeps): ChangeListener {
  const { feed, notifications } = replica;
  const notify = (channel: string, payload: string): Promise<unknown> =>
    queries.query('select pg_notify($1, $2)', [channel, payload]);
  const listener = new ChangeListener(
    { connection, channels, notify },
    {
      onNotificationTest: (arriving) => notifications.record(arriving),
      onChange: () => feed.noteChange(),
      onWake: () => void feed.catchUp().catch(() => undefined),
      onAnswer: () => feed.noteAnswer(),
      onNotice,
    },
  );
  feed.recovered.on(() => listener.retryNow());
  listener.start();
  return listener;
}
