import { hostname } from 'node:os';
import type { Config } from '../config/config.js';
import { openJournalDir } from '../config/journal-dir.js';
import { VERSION } from '../config/version.js';
import { monotonicClock, systemClock } from '../core/clock.js';
import type { Provision } from '../database/provision.js';
import { ReconnectingClient } from '../database/reconnecting-client.js';
import { DigestUpgradeFlusher } from '../modules/keys/digest-upgrade-flusher.js';
import { DigestUpgrades } from '../modules/keys/digest-upgrade.js';
import { PostgresDigestUpgradeWriter } from '../modules/keys/digest-upgrade.postgres.js';
import { joinNodes } from '../modules/nodes/nodes.module.js';
import { APPLIED_CHANNEL } from '../modules/nodes/process-registry.postgres.js';
import { listenForChanges, openReplica, type OpenReplica } from '../modules/replica/replica.module.js';
import { LIVE_USAGE_CHANNEL } from '../modules/usage/live-usage.js';
import { LiveUsageFeed } from '../modules/usage/live-usage-feed.js';
import { openRecording, type UsageFigures } from '../modules/usage/recording.module.js';
import type { VerificationRecorder } from '../modules/usage/usage-event.js';
import { openVerification } from '../modules/verification/verification.module.js';
import type { FlushWorkerData } from '../workers/flusher.js';
import { workerProgram } from '../workers/program.js';
import { openLimits, type Limits } from './limits.js';

type Log = (message: string, error?: unknown) => void;

/** What every process has in any role: verification from memory, and usage counting. Each part is for those who need it. */
export interface DataPlane {
  readonly replica: OpenReplica;
  readonly nodes: ReturnType<typeof joinNodes>;
  readonly limits: Limits;
  readonly usage: Usage;
  readonly verification: ReturnType<typeof openVerification>;
}

/** Usage as this process records it, and as all processes commit it. */
export interface Usage {
  readonly recorder: VerificationRecorder;
  readonly figures: UsageFigures;
  /** Emits the usage of all processes as it is committed, while it is followed. */
  readonly live: LiveUsageFeed['committed'];
  followLive(wanted: boolean): void;
}

export interface DataPlaneDeps {
  readonly config: Config;
  readonly database: Provision;
  readonly log: Log;
  /** Logs what an operator must look at. */
  readonly alarm: (message: string) => void;
  readonly closers: (() => Promise<unknown> | void)[];
}

/** Loads all keys, follows changes, and opens the journal. */
export async function createDataPlane(deps: DataPlaneDeps): Promise<DataPlane> {
  const { config, database, log, closers } = deps;
  const { secrets } = database;
  const startedAtMs = systemClock.now();
  const { directory, processId } = await openJournalDir(config.dataDir);
  const { recorder, figures } = await openRecording({
    ...deps,
    ...config,
    directory,
    monotonicClock,
    flusher: { program: workerProgram('flusher'), data: flusherData(deps, directory, processId) },
  });
  const client = clientsOf(deps);
  const changes = client('changes', 2000);
  const bulk = client('bulk', 60_000);
  const replica = await openReplica({
    ...deps,
    ...config,
    changes,
    bulk: [bulk, client('bulk, other end', 60_000)],
    processId,
    host: hostname(),
    clock: systemClock,
    monotonicClock,
  });
  const { feed, index, notifications } = replica;
  const limits = await openLimits(deps, client('limits', 2000), startedAtMs);
  const { redis } = limits;
  if (redis) {
    const renewEra = (): Promise<void> =>
      redis
        .renewEra()
        .catch((error: unknown) =>
          log('The run of Redis that the counts belong to could not be read.', error),
        );
    feed.applied.on((ids) => void (ids === 'ALL' && renewEra()));
  }
  const queries = client('nodes', 2000);
  const nodes = joinNodes({
    queries,
    feed,
    identity: {
      id: processId,
      role: config.role,
      host: hostname(),
      version: VERSION,
      startedAt: new Date(),
    },
    state: () => ({
      keys: index.size,
      backlogBytes: figures.backlogBytes,
      lostEvents: figures.totals.lostEvents,
      lostIsMinimum: figures.totals.lostIsMinimum,
      redis: redis ? (redis.link.usable ? 'reached' : 'away') : 'none',
      databaseChanges: feed.figures.databaseChanges,
      databaseChangedAt: feed.lastBreak?.at ?? null,
      hearsNotifications: notifications.arriving,
      redisFaults: redis?.link.faults ?? [],
    }),
    monotonicClock,
  });
  await feed.start();
  // The feed closes first: to the feed, a missing heartbeat means that the database was restored.
  closers.push(
    () => nodes.heartbeat.close(),
    () => feed.close(),
  );
  const live = new LiveUsageFeed(log);
  const { bounds: _, ...connection } = database.connection;
  const listener = listenForChanges({
    replica,
    connection,
    queries,
    channels: [APPLIED_CHANNEL],
    onNotice: (channel, payload) =>
      channel === APPLIED_CHANNEL ? nodes.applied.emit() : live.receive(payload),
  });
  closers.push(() => listener.close());
  const upgrades = new DigestUpgrades(secrets.peppers, secrets.ids);
  const upgradeFlusher = new DigestUpgradeFlusher(upgrades, new PostgresDigestUpgradeWriter(bulk), log);
  upgradeFlusher.start();
  closers.push(() => upgradeFlusher.close());
  await limits.restore(bulk, index.values());
  return {
    replica,
    nodes,
    limits,
    usage: {
      recorder,
      figures,
      live: live.committed,
      followLive: (wanted) => listener.follow(LIVE_USAGE_CHANNEL, wanted),
    },
    verification: openVerification({
      index,
      feed,
      limiter: limits.limiter,
      singleUse: limits.singleUse,
      recorder,
      secrets,
      upgrades,
      brand: config.tokenPrefix,
      clock: systemClock,
    }),
  };
}

/** Opens connections of the data plane, each with a purpose that its name in PostgreSQL shows. */
const clientsOf =
  ({ database, closers }: DataPlaneDeps) =>
  (purpose: string, responseTimeoutMs: number): ReconnectingClient => {
    const opened = new ReconnectingClient(database.connection, {
      applicationName: `keywright ${purpose}`,
      connectTimeoutMs: 2000,
      responseTimeoutMs,
    });
    closers.push(() => opened.close());
    return opened;
  };

const flusherData = (
  { config, database }: DataPlaneDeps,
  directory: string,
  processId: string,
): FlushWorkerData => ({
  database: config.databaseUrl ?? database.connection,
  bounds: database.connection.bounds,
  directory,
  processId,
  retention: config.retention,
});
