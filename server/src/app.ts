import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from './config/config.js';
import { createAdministration } from './administration.js';
import { StartError } from './config/start-error.js';
import { DAY_MS, monotonicClock, systemClock } from './core/clock.js';
import { ID_PREFIXES, isId } from './core/id.js';
import { LiveBus } from './core/live-bus.js';
import { ENTITIES } from './database/entities.js';
import { provision, type Provision } from './database/provision.js';
import { NodeResolver } from './graphql/node.resolver.js';
import { createSchema, resolversIn } from './graphql/schema.js';
import { CallerReader } from './http/caller.js';
import { createLogger } from './http/logger.js';
import { SessionCookie } from './http/session-cookie.js';
import { AccessStore } from './modules/access/access-store.postgres.js';
import { Directory } from './modules/access/directory.js';
import { PostgresDirectoryStore } from './modules/access/directory-store.postgres.js';
import { authorizeReach, requirePrincipal } from './modules/access/principal.js';
import { AuditRecorder } from './modules/audit/audit-recorder.js';
import { ChangeRunner } from './modules/audit/change-runner.js';
import { AuditStore } from './modules/audit/audit-store.postgres.js';
import { AuditEventResolver, AuditResolver } from './modules/audit/audit.resolver.js';
import { DigestUpgradeFlusher } from './modules/keys/digest-upgrade-flusher.js';
import { PostgresDigestUpgradeWriter } from './modules/keys/digest-upgrade.postgres.js';
import { DigestUpgrades } from './modules/keys/digest-upgrade.js';
import { KeyAccessResolver } from './modules/keys/key-access.resolver.js';
import { KeyBulkResolver } from './modules/keys/key-bulk.resolver.js';
import { KEY_CHANGED, KeyChangeResolver, KeyHistoryResolver } from './modules/keys/key-history.resolver.js';
import { KeyGrantsCheck } from './modules/keys/key-grants.js';
import { visibleKey } from './modules/keys/key-loader.js';
import { KeyMutationResolver } from './modules/keys/key-mutation.resolver.js';
import { KeyService } from './modules/keys/key-service.js';
import { PostgresKeyStore } from './modules/keys/key-store.postgres.js';
import { KeyConnectionResolver, KeyResolver } from './modules/keys/key.resolver.js';
import {
  KeyServiceAccountResolver,
  ServiceAccountKeysResolver,
} from './modules/keys/service-account-keys.resolver.js';
import { ViewerKeyResolver } from './modules/keys/viewer-key.resolver.js';
import { LicenseFile } from './modules/license/license-file.js';
import { LicenseService } from './modules/license/license-service.js';
import { LicenseResolver } from './modules/license/license.resolver.js';
import { MemoryRateLimiter } from './modules/limits/memory-rate-limiter.js';
import { REQUEST_LOG_TOPIC } from './modules/request-logs/live-tail.js';
import { RequestLogPartitions } from './modules/request-logs/partitions.postgres.js';
import { PostgresRequestLogStore } from './modules/request-logs/request-log-store.postgres.js';
import { KeyRequestLogResolver, RequestLogResolver } from './modules/request-logs/request-log.resolver.js';
import { visibleServiceAccount } from './modules/service-accounts/service-account-loader.js';
import { visibleScope } from './modules/tenants/scope.resolver.js';
import { UsageFlusher } from './modules/usage/flusher.js';
import { TrendCache } from './modules/usage/trend-cache.js';
import { KeyUsageResolver } from './modules/usage/key-usage.resolver.js';
import { MemoryRecorder } from './modules/usage/recorder.js';
import { PostgresUsageStore } from './modules/usage/usage-store.postgres.js';
import { USAGE_TOPIC, UsageTicker } from './modules/usage/usage-ticker.js';
import { PostgresUsageWriter } from './modules/usage/usage-writer.postgres.js';
import { UsageResolver } from './modules/usage/usage.resolver.js';
import { visibleUser } from './modules/users/user-admin.resolver.js';
import { PostgresUserStore } from './modules/users/user-store.postgres.js';
import { ChangeFeed } from './modules/verification/change-feed.js';
import { ChangeListener } from './modules/verification/change-listener.postgres.js';
import { PostgresChangeSource } from './modules/verification/change-source.postgres.js';
import { FeedPropagation } from './modules/verification/feed-propagation.js';
import { KeyIndex } from './modules/verification/key-index.js';
import { PostgresKeyLoader } from './modules/verification/key-index.postgres.js';
import { Replica } from './modules/verification/replica.js';
import { noteProven } from './modules/verification/note-proven.js';
import { Verifier } from './modules/verification/verifier.js';
import { VerificationService } from './modules/verification/verification-service.js';
import { VerifyResolver } from './modules/verification/verify.resolver.js';
import { createPeople } from './people.js';
import { createRoutes } from './routes.js';
import { VERSION } from './version.js';

const MINUTE_MS = 60_000;
const PAGES = fileURLToPath(new URL('../../web/dist', import.meta.url));

/** A running Keywright. */
export interface App {
  /** Where it listens, or the public URL when one is set. */
  readonly url: string;
  /** One-time link that sets up the first owner; null once somebody can sign in. */
  readonly setUpLink: string | null;
  /** Logs a fault that nothing else caught. */
  report(error: unknown): void;
  /** Answers what is under way, writes what was counted, and stops, the embedded database last. */
  close(): Promise<void>;
}

/** Everything in one process: management and verification, over one database. */
export async function createApp(config: Config): Promise<App> {
  const log = createLogger(config.logLevel);
  const closers: (() => Promise<unknown> | void)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) {
      await Promise.resolve(closer()).catch((error: unknown) => log.error({ err: error }, 'closing failed'));
    }
  };
  try {
    return await start(config, log, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  config: Config,
  log: Logger,
  closers: (() => Promise<unknown> | void)[],
  close: () => Promise<void>,
): Promise<App> {
  const note = (message: string, error?: unknown): void =>
    error === undefined ? log.warn(message) : log.warn({ err: error }, message);
  const { maximumKeys, file } = config.license;
  const licenseFile = file && (await LicenseFile.open({ ...file, clock: monotonicClock, log: note }));
  const database = await provision(config, ENTITIES, (error) =>
    note('A database connection was lost.', error),
  );
  closers.push(database.close);
  const { dataSource, verificationSource, secrets } = database;
  const bus = new LiveBus();
  let url = config.publicUrl ?? '';
  const publicUrl = (): string => url;
  const secure = config.publicUrl?.startsWith('https:') ?? false;

  // What verifies: from memory, fed by the change feed; what it counted is written in batches.
  const partitions = new RequestLogPartitions(verificationSource, systemClock, config.requestLogDays, note);
  await partitions.start();
  closers.push(() => partitions.close());
  const recorder = new MemoryRecorder();
  const writer = new PostgresUsageWriter(verificationSource, partitions, randomUUID());
  const trends = new TrendCache(monotonicClock);
  const flusher = new UsageFlusher({ recorder, writer, log: note });
  const directory = new Directory();
  const index = new KeyIndex(directory);
  const keyScopeOf = (apiKeyId: string | null): string | null =>
    (apiKeyId === null ? undefined : index.get(apiKeyId))?.record.scopeId ?? null;
  const ticker = new UsageTicker(systemClock, (ticks) =>
    bus.publish(
      USAGE_TOPIC,
      ticks.map((tick) => ({ ...tick, keyScopeId: keyScopeOf(tick.apiKeyId) })),
    ),
  );
  flusher.flushed.on((batch) => {
    ticker.add(batch);
    trends.forget(batch.lastUses.keys());
    for (const row of batch.rows) {
      bus.publish(REQUEST_LOG_TOPIC, { ...row, keyScopeId: keyScopeOf(row.apiKeyId) });
    }
  });
  flusher.start();
  closers.push(
    () => ticker.close(),
    () => flusher.close(),
  );
  const { feed, verifier } = await followKeys(config, database, { index, directory }, note, closers);
  const verification = new VerificationService({ verifier, index, recorder, clock: systemClock });
  feed.applied.on(({ apiKeys }) => {
    for (const apiKeyId of apiKeys) bus.publish(KEY_CHANGED, { apiKeyId, keyScopeId: keyScopeOf(apiKeyId) });
  });

  // What manages.
  const access = new AccessStore(dataSource);
  const audit = new AuditRecorder(systemClock);
  const auditStore = new AuditStore(dataSource);
  const users = new PostgresUserStore(dataSource);
  const { peppers, ids } = secrets;
  const tokens = { brand: config.tokenPrefix, peppers, ids };
  const keys = new PostgresKeyStore(dataSource, systemClock, tokens, directory);
  const propagation = new FeedPropagation(feed, monotonicClock);
  const changes = new ChangeRunner(dataSource, audit, propagation, async (by, manager) =>
    by.sessionId === null
      ? verification.refresh(by)
      : people.sessions.refreshIn(manager, by.sessionId, by.ip),
  );
  const license = new LicenseService({ dataSource, clock: systemClock, file: licenseFile, maximumKeys });
  const keyService = new KeyService({
    store: keys,
    directory,
    grants: new KeyGrantsCheck(directory, access),
    changes,
    allowance: license,
    clock: systemClock,
    brand: config.tokenPrefix,
    publicUrl,
  });
  const people = createPeople({
    dataSource,
    secrets,
    clock: systemClock,
    users,
    audit,
    changes,
    access,
    directory,
    mail: config.mail,
    oidc: config.oidc,
    secure,
    info: {
      publicUrl,
      sandboxEnabled: config.sandbox,
      localSignIn: config.localSignIn,
      singleSignOn: config.oidc?.label ?? null,
      version: VERSION,
    },
    log: note,
  });
  closers.push(() => people.close());
  const { sessions, setUp } = people;
  // Whoever is signed in, or listens, may do less from now on.
  feed.applied.on(({ roles, scopes, serviceAccounts }) => {
    if (roles.length + scopes.length + serviceAccounts.length > 0) sessions.forget();
  });
  if (config.owner) await setUp.ensureOwner(config.owner);
  const logs = new PostgresRequestLogStore(dataSource);
  const usage = new PostgresUsageStore(dataSource);
  const administration = createAdministration({ dataSource, clock: systemClock, access, directory, changes });
  const { serviceAccounts } = administration;
  const resolvers = [
    new AuditEventResolver(directory),
    new AuditResolver(auditStore),
    new KeyAccessResolver(directory),
    new KeyBulkResolver(keyService),
    new KeyChangeResolver(auditStore, keys),
    new KeyConnectionResolver(keys),
    new KeyHistoryResolver(auditStore),
    new KeyMutationResolver(keyService, propagation),
    new KeyRequestLogResolver(logs),
    new KeyResolver(keys),
    new KeyServiceAccountResolver(serviceAccounts),
    new KeyUsageResolver(usage, trends, systemClock),
    new LicenseResolver(license),
    new NodeResolver({
      key: (context, id) => visibleKey(context, keys, id),
      sva: (context, id) =>
        isId(ID_PREFIXES.serviceAccount, id)
          ? visibleServiceAccount(context, serviceAccounts, id)
          : Promise.resolve(null),
      rol: (_context, id) => Promise.resolve(directory.role(id) ?? null),
      scp: (context, id) => Promise.resolve(visibleScope(directory, requirePrincipal(context), id)),
      req: async (context, id) => logs.find(id, authorizeReach(context, 'keywright.logs.read')),
      usr: (context, id) =>
        context.principal?.actor.id === id ? users.find(id) : visibleUser(context, users, id),
      aud: async (context, id) => {
        const reach = authorizeReach(context, 'keywright.audit.read');
        return isId(ID_PREFIXES.auditEvent, id) ? auditStore.find(id, reach) : null;
      },
    }),
    new RequestLogResolver(logs, keys),
    new ServiceAccountKeysResolver(keys),
    new UsageResolver(usage, keys),
    new VerifyResolver(verification),
    new ViewerKeyResolver(keys),
    ...administration.resolvers,
    ...people.resolvers,
  ];
  const upkeep = setInterval(() => {
    const tidy = [people.prune(), keys.tidy(new Date(systemClock.now() - DAY_MS))];
    Promise.all(tidy).catch((error: unknown) => note('What is old could not be removed.', error));
  }, 5 * MINUTE_MS).unref();
  closers.push(() => clearInterval(upkeep));

  // What both are reached through.
  const cookie = new SessionCookie(secure);
  const http = await createRoutes({
    http: {
      log,
      secure,
      trustedProxies: config.trustedProxies,
      readiness: () => ({ ready: feed.fresh, reason: feed.fresh ? null : 'The key index is not current.' }),
      pages: PAGES,
    },
    graphql: {
      schema: createSchema(resolversIn(resolvers), bus),
      callers: new CallerReader(sessions, verification, cookie, publicUrl),
      cookie,
      clock: systemClock,
      log,
      publicUrl,
      trustedProxies: config.trustedProxies,
    },
    verification,
    singleSignOn: people.singleSignOn(cookie),
    sandbox: config.sandbox ? { service: verification, clock: systemClock } : undefined,
  });
  closers.push(() => http.close());
  const address = await listen(http, config);
  url ||= address;
  const token = await setUp.issueToken();
  return {
    url,
    setUpLink: token && `${url}/setup#token=${token}`,
    report: (error) => log.error({ err: error }, 'A fault was caught by nothing else.'),
    close,
  };
}

/** Loads every live key and follows its changes. */
async function followKeys(
  config: Config,
  { verificationSource, connection, secrets }: Provision,
  { index, directory }: { index: KeyIndex; directory: Directory },
  note: (message: string, error?: unknown) => void,
  closers: (() => Promise<unknown> | void)[],
): Promise<{ feed: ChangeFeed; verifier: Verifier }> {
  const feed = new ChangeFeed({
    source: new PostgresChangeSource(verificationSource),
    replica: new Replica({
      index,
      directory,
      keys: new PostgresKeyLoader(verificationSource),
      entries: new PostgresDirectoryStore(verificationSource),
    }),
    clock: monotonicClock,
    maxStalenessSeconds: config.maxStalenessSeconds,
    log: note,
  });
  await feed.start();
  closers.push(() => feed.close());
  const listener = new ChangeListener(connection, {
    onWake: () => void feed.catchUp().catch(() => undefined),
    onAnswer: () => feed.noteAnswer(),
  });
  listener.start();
  closers.push(() => listener.close());
  const upgrades = new DigestUpgrades(secrets.peppers, secrets.ids);
  const upgradeWriter = new PostgresDigestUpgradeWriter(verificationSource);
  const upgradeFlusher = new DigestUpgradeFlusher(upgrades, upgradeWriter, note);
  upgradeFlusher.start();
  closers.push(() => upgradeFlusher.close());
  const verifier = new Verifier({
    index,
    freshness: feed,
    limiter: new MemoryRateLimiter(monotonicClock),
    peppers: secrets.peppers,
    brand: config.tokenPrefix,
    clock: systemClock,
    onProven: noteProven(upgrades),
  });
  return { feed, verifier };
}

/** Listens; what keeps it from that is told in a sentence. Returns the base URL. */
async function listen(http: FastifyInstance, { host, port }: Config): Promise<string> {
  try {
    await http.listen({ host, port });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why =
      code === 'EADDRINUSE'
        ? `Port ${port} on ${host} is in use. Stop what listens there, or set PORT to another port.`
        : code === 'EACCES'
          ? `Port ${port} needs more rights than this user has. Set PORT to one above 1023.`
          : `It cannot listen on ${host}:${port}: ${message}.`;
    throw new StartError(why, { cause });
  }
  const address = http.server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}
