import { hostname } from 'node:os';
import type { Config } from '../config/config.js';
import { openJournalDir, type JournalDir } from '../config/journal-dir.js';
import { StartError } from '../config/start-error.js';
import { monotonicClock, systemClock } from '../core/clock.js';
import { Emitter } from '../core/events.js';
import { installationRow, type Database, type Queries } from '../core/queries.js';
import type { ChangePropagation } from '../core/propagation.js';
import type { Provision } from '../database/provision.js';
import { ReconnectingClient } from '../database/reconnecting-client.js';
import type { FlushWorkerData } from '../workers/flusher.js';
import { workerProgram } from '../workers/program.js';
import { Directory } from '../modules/access/decide/directory.js';
import { PostgresDirectoryStore } from '../modules/access/decide/directory-store.postgres.js';
import { DigestUpgradeFlusher } from '../modules/keys/digest-upgrade-flusher.js';
import { PostgresDigestUpgradeWriter } from '../modules/keys/digest-upgrade.postgres.js';
import { DigestUpgrades } from '../modules/keys/digest-upgrade.js';
import { MemoryRateLimiter } from '../modules/limits/memory-rate-limiter.js';
import type { RateLimiter } from '../modules/limits/rate-limiter.js';
import { PostgresRouteRuleLoader } from '../modules/route-rules/route-rule-loader.postgres.js';
import { RouteRuleSet } from '../modules/route-rules/route-rule-set.js';
import { FlusherThread, type FlusherTotals } from '../modules/usage/flusher-thread.js';
import { JournalCounters, type Position } from '../modules/usage/journal/counters.js';
import { JournalWriter } from '../modules/usage/journal/journal-writer.js';
import { listSegments } from '../modules/usage/journal/segments.js';
import { JournalRecorder } from '../modules/usage/journal-recorder.js';
import { decodeLiveUsage, LIVE_USAGE_CHANNEL, type LiveUsage } from '../modules/usage/live-usage.js';
import { RowBudget } from '../modules/usage/row-budget.js';
import type { VerificationRecorder } from '../modules/usage/usage-event.js';
import { ChangeFeed } from '../modules/replica/change-feed.js';
import { SIGNING_SECRET_BOX } from '../modules/keys/key-secret.js';
import { NonceMemory } from '../modules/signatures/nonce-memory.js';
import { ChangeListener } from '../modules/replica/change-listener.postgres.js';
import { PostgresChangeSource } from '../modules/replica/change-source.postgres.js';
import { FeedPropagation } from '../modules/nodes/feed-propagation.js';
import { NotificationStatus } from '../modules/replica/notification-status.js';
import { Heartbeat } from '../modules/nodes/heartbeat.js';
import { KeyMemory } from '../modules/replica/holds/key-memory.postgres.js';
import { KeyIndex } from '../modules/replica/key-index.js';
import { PostgresKeyLoader } from '../modules/replica/key-index.postgres.js';
import { noteProven } from '../modules/verification/note-proven.js';
import type { ProcessIdentity, ProcessRegistry } from '../modules/nodes/process-registry.js';
import { APPLIED_CHANNEL, PostgresProcessRegistry } from '../modules/nodes/process-registry.postgres.js';
import { Prover } from '../modules/verification/proof.js';
import { Replica } from '../modules/replica/replica.js';
import { CallerGate } from '../modules/verification/caller-gate.js';
import { VerificationLog } from '../modules/verification/verification-log.js';
import { VerificationService } from '../modules/verification/verification-service.js';
import { VerificationTally } from '../modules/verification/verification-tally.js';
import { restoreSpentLimits } from '../modules/verification/spent-limits.postgres.js';
import { memorySingleUse } from '../modules/verification/single-use.js';
import { Verifier } from '../modules/verification/verifier.js';
import { openSharedState, type SharedState } from './redis.js';
import { VERSION } from '../config/version.js';

type Log = (message: string, error?: unknown) => void;

/** What every process has in any role: verification from memory, and usage counting. */
export interface DataPlane {
  readonly directory: Directory;
  readonly index: KeyIndex;
  /** The permissions that requests to protected APIs need, according to route rules. */
  readonly routes: RouteRuleSet;
  readonly feed: ChangeFeed;
  readonly gate: CallerGate;
  readonly verification: VerificationService;
  readonly tally: VerificationTally;
  /** Counts for this process, or for all processes together. */
  readonly limiter: RateLimiter;
  /** Number of keys whose limits this process counts. */
  readonly limitedKeys: () => number;
  readonly recorder: VerificationRecorder;
  /** Nonces that this process has seen; null if processes share them in Redis. */
  readonly nonces: NonceMemory | null;
  readonly heartbeat: Heartbeat;
  readonly propagation: ChangePropagation;
  readonly hearing: NotificationStatus;
  readonly registry: ProcessRegistry;
  readonly usage: UsageSink;
  /** State that processes share in Redis; undefined without Redis. */
  readonly redis: SharedState | undefined;
  /** Emits the usage of all processes as it is committed, while {@link followUsage} is on. */
  readonly live: Emitter<LiveUsage>;
  followUsage(wanted: boolean): void;
}

/** The backlog of usage and its totals. */
export interface UsageSink {
  readonly backlogBytes: number;
  readonly broken: boolean;
  readonly leftOutRows: number;
  readonly totals: FlusherTotals;
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
  const { config, database, log, alarm, closers } = deps;
  const startedAtMs = systemClock.now();
  const journalDir = await openJournalDir(config.dataDir);
  const { recorder, sink } = await openUsage(deps, journalDir);
  const client = (name: string, responseTimeoutMs: number): ReconnectingClient => {
    const applicationName = `keywright ${name}`;
    const opened = new ReconnectingClient(database.connection, {
      applicationName,
      connectTimeoutMs: 2000,
      responseTimeoutMs,
    });
    closers.push(() => opened.close());
    return opened;
  };
  // Changes are small and urgent; loading everything is neither.
  const changes = client('changes', 2000);
  const bulk = client('bulk', 60_000);
  const directory = new Directory();
  const index = new KeyIndex(directory);
  const routes = new RouteRuleSet();
  const memory = await openMemory(deps, changes, bulk);
  closers.push(() => memory.close());
  const feed = new ChangeFeed({
    source: new PostgresChangeSource(changes, journalDir.processId),
    replica: new Replica({
      index,
      directory,
      keys: new PostgresKeyLoader(changes, [bulk, client('bulk, other end', 60_000)]),
      entries: new PostgresDirectoryStore(changes, bulk),
      routes,
      routeRules: new PostgresRouteRuleLoader(changes),
      memory: memory.notes,
    }),
    clock: monotonicClock,
    wallClock: systemClock,
    maxStalenessSeconds: config.maxStalenessSeconds,
    log,
    alarm,
    memory,
  });
  const ownLimits = new MemoryRateLimiter(monotonicClock);
  const redis = await openSharedState(deps, client('limits', 2000), ownLimits);
  if (redis) {
    const renewEra = (): Promise<void> =>
      redis.renewEra().catch((error: unknown) => log('It is not known whose counts Redis holds.', error));
    feed.applied.on((ids) => void (ids === 'ALL' && renewEra()));
  }
  const nodes = client('nodes', 2000);
  const registry = new PostgresProcessRegistry(nodes);
  const hearing = new NotificationStatus(feed, log);
  const identity: ProcessIdentity = {
    id: journalDir.processId,
    role: config.role,
    host: hostname(),
    version: VERSION,
    startedAt: new Date(),
  };
  const heartbeat = new Heartbeat({
    feed,
    registry,
    identity,
    clock: monotonicClock,
    state: () => ({
      keys: index.size,
      backlogBytes: sink.backlogBytes,
      lostEvents: sink.totals.lostEvents,
      lostIsMinimum: sink.totals.lostIsMinimum,
      redis: redis ? (redis.link.usable ? 'reached' : 'away') : 'none',
      databaseChanges: feed.figures.databaseChanges,
      databaseChangedAt: feed.lastBreak?.at ?? null,
      hearsNotifications: hearing.arriving,
      redisFaults: redis?.link.faults ?? [],
    }),
  });
  await feed.start();
  // The feed closes first: to the feed, a missing heartbeat means that the database was restored.
  closers.push(
    () => heartbeat.close(),
    () => feed.close(),
  );
  const live = new Emitter<LiveUsage>();
  const wakes = new Emitter<void>();
  const listener = listen(deps, { feed, live, wakes, hearing, queries: nodes });
  const propagation = new FeedPropagation({
    feed,
    registry,
    heartbeat,
    wakes,
    nodeId: identity.id,
    verifies: config.role !== 'manage',
    clock: monotonicClock,
  });
  const { secrets } = database;
  const upgrades = new DigestUpgrades(secrets.peppers, secrets.ids);
  const upgradeFlusher = new DigestUpgradeFlusher(upgrades, new PostgresDigestUpgradeWriter(bulk), log);
  upgradeFlusher.start();
  closers.push(() => upgradeFlusher.close());
  await restoreSpentLimits(bulk, index.values(), ownLimits, monotonicClock.now());
  const limiter = redis?.limiter ?? ownLimits;
  const nonces = redis ? null : new NonceMemory(startedAtMs);
  const verifier = new Verifier({
    prover: new Prover(index, secrets.peppers, secrets.boxFor(SIGNING_SECRET_BOX)),
    freshness: feed,
    limiter,
    brand: config.tokenPrefix,
    clock: systemClock,
    singleUse: nonces ? memorySingleUse(nonces, ownLimits) : redis!.singleUse,
    onProven: noteProven(upgrades),
  });
  const tally = new VerificationTally();
  const verdicts = new VerificationLog({ recorder, tally, clock: systemClock });
  const verification = new VerificationService({ verifier, log: verdicts, clock: systemClock });
  const gate = new CallerGate({
    service: verification,
    verifier,
    index,
    log: verdicts,
    freshness: feed,
    clock: systemClock,
  });
  return {
    directory,
    index,
    routes,
    feed,
    gate,
    verification,
    tally,
    limiter,
    limitedKeys: () => ownLimits.size,
    recorder,
    nonces,
    heartbeat,
    propagation,
    hearing,
    registry,
    usage: sink,
    redis,
    live,
    followUsage: (wanted) => listener.follow(LIVE_USAGE_CHANNEL, wanted),
  };
}

/** Opens the memory of this installation's keys in the data directory. */
async function openMemory(
  { config, log }: DataPlaneDeps,
  queries: Queries,
  bulk: Database,
): Promise<KeyMemory> {
  const installation = installationRow(await queries.query<{ id: string }>('select id from installation'));
  return KeyMemory.open({
    dataDir: config.dataDir,
    installationId: installation.id,
    host: hostname(),
    database: bulk,
    log,
  });
}

/** Opens the journal after what an earlier process left in it, and starts the thread that writes it to the database. */
async function openUsage(
  { config, database, log, closers }: DataPlaneDeps,
  { directory, processId }: JournalDir,
): Promise<{ recorder: JournalRecorder; sink: UsageSink }> {
  const counters = new JournalCounters();
  const data: FlushWorkerData = {
    database: config.databaseUrl ?? database.connection,
    bounds: database.connection.bounds,
    directory,
    processId,
    retention: config.retention,
  };
  const program = workerProgram('flusher');
  const { thread, mark } = await FlusherThread.start({ program, data, counters, log }).catch(
    (cause: unknown) => {
      throw new StartError(`Usage cannot be written: ${(cause as Error).message}.`, { cause });
    },
  );
  const left = await leftover(directory, mark);
  counters.wrote(left.end, left.bytes);
  const journal = new JournalWriter({
    directory,
    firstSegment: left.end.segment + 1,
    counters,
    clock: monotonicClock,
    onUnwritten: (frame, verifications) => thread.count(frame, verifications),
    log,
  });
  closers.push(
    () => thread.close(),
    () => journal.close(),
  );
  if (left.bytes > 0) {
    await thread
      .drain()
      .catch((error: unknown) => log('Usage from before the start is written later.', error));
  }
  const recorder = new JournalRecorder({
    journal,
    budget: new RowBudget(config.requestLogRowsPerSecond, monotonicClock),
    hasRoomForRows: () => counters.backlogBytes < config.journalBytes,
  });
  const sink: UsageSink = {
    get backlogBytes() {
      return counters.backlogBytes;
    },
    get broken() {
      return journal.broken;
    },
    get leftOutRows() {
      return recorder.leftOut;
    },
    totals: thread.totals,
  };
  return { recorder, sink };
}

/** The end of the journal, and the number of bytes after a mark. */
async function leftover(directory: string, mark: Position): Promise<{ end: Position; bytes: number }> {
  const segments = await listSegments(directory);
  const last = segments.at(-1);
  const end = last && last.number >= mark.segment ? { segment: last.number, offset: last.bytes } : mark;
  const bytes = segments.reduce((sum, { number, bytes }) => {
    if (number < mark.segment) return sum;
    return sum + bytes - (number === mark.segment ? Math.min(mark.offset, bytes) : 0);
  }, 0);
  return { end, bytes };
}

interface HearingDeps {
  readonly feed: ChangeFeed;
  readonly live: Emitter<LiveUsage>;
  readonly wakes: Emitter<void>;
  readonly hearing: NotificationStatus;
  readonly queries: Queries;
}

/** Listens for changes, for what other processes have applied, and for usage. */
function listen(
  { database, log, closers }: DataPlaneDeps,
  { feed, live, wakes, hearing, queries }: HearingDeps,
): ChangeListener {
  const { bounds: _, ...connection } = database.connection;
  const notify = (channel: string, payload: string): Promise<unknown> =>
    queries.query('select pg_notify($1, $2)', [channel, payload]);
  const listener = new ChangeListener(
    { connection, channels: [APPLIED_CHANNEL], notify },
    {
      onNotificationTest: (hears) => hearing.record(hears),
      onChange: () => feed.noteChange(),
      onWake: () => void feed.catchUp().catch(() => undefined),
      onAnswer: () => feed.noteAnswer(),
      onNotice: (channel, payload) => {
        if (channel === APPLIED_CHANNEL) return wakes.emit();
        try {
          live.emit(decodeLiveUsage(payload));
        } catch (error) {
          log('A notice of usage could not be read.', error);
        }
      },
    },
  );
  listener.start();
  closers.push(() => listener.close());
  return listener;
}
