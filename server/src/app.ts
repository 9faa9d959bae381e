import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from './config/config.js';
import { StartError } from './config/start-error.js';
import { DAY_MS, monotonicClock, systemClock } from './core/clock.js';
import { ID_PREFIXES, isId } from './core/id.js';
import { LiveBus } from './core/live-bus.js';
import { ENTITIES } from './database/entities.js';
import { provision, type Provision } from './database/provision.js';
import { mountGraphQL } from './graphql/mount.js';
import { NodeResolver } from './graphql/node.resolver.js';
import { createSchema, resolversIn } from './graphql/schema.js';
import { CallerReader } from './http/caller.js';
import { createLogger } from './http/logger.js';
import { createHttpServer } from './http/server.js';
import { SessionCookie } from './http/session-cookie.js';
import { AccessStore } from './modules/access/access-store.postgres.js';
import { AccessResolver } from './modules/access/access.resolver.js';
import { authorize } from './modules/access/principal.js';
import { AuditRecorder } from './modules/audit/audit-recorder.js';
import { AuditStore } from './modules/audit/audit-store.postgres.js';
import { AuditResolver } from './modules/audit/audit.resolver.js';
import { KeyBulkResolver } from './modules/keys/key-bulk.resolver.js';
import { KEY_CHANGED, KeyChangeResolver, KeyHistoryResolver } from './modules/keys/key-history.resolver.js';
import { keyLoader } from './modules/keys/key-loader.js';
import { KeyMutationResolver } from './modules/keys/key-mutation.resolver.js';
import { KeyService } from './modules/keys/key-service.js';
import { PostgresKeyStore } from './modules/keys/key-store.postgres.js';
import { KeyConnectionResolver, KeyResolver } from './modules/keys/key.resolver.js';
import { ViewerKeyResolver } from './modules/keys/viewer-key.resolver.js';
import { MemoryRateLimiter } from './modules/limits/memory-rate-limiter.js';
import { REQUEST_LOG_TOPIC } from './modules/request-logs/live-tail.js';
import { RequestLogPartitions } from './modules/request-logs/partitions.postgres.js';
import { PostgresRequestLogStore } from './modules/request-logs/request-log-store.postgres.js';
import { KeyRequestLogResolver, RequestLogResolver } from './modules/request-logs/request-log.resolver.js';
import { registerSandboxRoutes } from './modules/sandbox/sandbox.route.js';
import { ROOT_SCOPE } from './modules/scopes/scope.js';
import { PostgresAttemptStore } from './modules/sessions/attempts.postgres.js';
import { Attempts } from './modules/sessions/attempts.js';
import { InstallationStore } from './modules/sessions/installation-store.postgres.js';
import { ExternalSignIn } from './modules/sessions/oidc/external-sign-in.js';
import { IdentityProvider } from './modules/sessions/oidc/identity-provider.js';
import { PostgresIdentityStore } from './modules/sessions/oidc/identity-store.postgres.js';
import { registerOidcRoutes } from './modules/sessions/oidc/oidc.route.js';
import { PendingCookie } from './modules/sessions/oidc/pending-sign-in.js';
import { OwnerSetUp } from './modules/sessions/owner-set-up.js';
import { PasswordHasher } from './modules/sessions/password.js';
import { SessionService } from './modules/sessions/session-service.js';
import { PostgresSessionStore } from './modules/sessions/session-store.postgres.js';
import { SessionResolver } from './modules/sessions/session.resolver.js';
import { ViewerResolver } from './modules/sessions/viewer.resolver.js';
import { UsageFlusher } from './modules/usage/flusher.js';
import { TrendCache } from './modules/usage/trend-cache.js';
import { KeyUsageResolver } from './modules/usage/key-usage.resolver.js';
import { MemoryRecorder } from './modules/usage/recorder.js';
import { PostgresUsageStore } from './modules/usage/usage-store.postgres.js';
import { USAGE_TOPIC, UsageTicker } from './modules/usage/usage-ticker.js';
import { PostgresUsageWriter } from './modules/usage/usage-writer.postgres.js';
import { UsageResolver } from './modules/usage/usage.resolver.js';
import { PostgresUserStore } from './modules/users/user-store.postgres.js';
import { UserResolver } from './modules/users/user.resolver.js';
import { ChangeFeed } from './modules/verification/change-feed.js';
import { ChangeListener } from './modules/verification/change-listener.postgres.js';
import { PostgresChangeSource } from './modules/verification/change-source.postgres.js';
import { FeedPropagation } from './modules/verification/feed-propagation.js';
import { KeyIndex } from './modules/verification/key-index.js';
import { PostgresKeyLoader } from './modules/verification/key-index.postgres.js';
import { Verifier } from './modules/verification/verifier.js';
import { VerificationService } from './modules/verification/verification-service.js';
import { registerVerifyRoutes } from './modules/verification/verify.route.js';
import { VerifyResolver } from './modules/verification/verify.resolver.js';
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
  const database = await provision(config, ENTITIES, (error) =>
    note('A database connection was lost.', error),
  );
  closers.push(database.close);
  const { dataSource, verificationSource, secrets } = database;
  const bus = new LiveBus();
  let url = config.publicUrl ?? '';
  const publicUrl = (): string => url;

  // What verifies: from memory, fed by the change feed; what it counted is written in batches.
  const partitions = new RequestLogPartitions(verificationSource, systemClock, config.requestLogDays, note);
  await partitions.start();
  closers.push(() => partitions.close());
  const recorder = new MemoryRecorder();
  const writer = new PostgresUsageWriter(verificationSource, partitions, randomUUID());
  const trends = new TrendCache(monotonicClock);
  const flusher = new UsageFlusher({ recorder, writer, log: note });
  const ticker = new UsageTicker(systemClock, (ticks) => bus.publish(USAGE_TOPIC, ticks));
  flusher.flushed.on((batch) => {
    ticker.add(batch);
    trends.forget(batch.lastUses.keys());
    for (const row of batch.rows) bus.publish(REQUEST_LOG_TOPIC, row);
  });
  flusher.start();
  closers.push(
    () => ticker.close(),
    () => flusher.close(),
  );
  const { feed, index, verifier } = await followKeys(config, database, note, closers);
  const verification = new VerificationService({ verifier, index, recorder, clock: systemClock });
  feed.applied.on(({ apiKeyIds }) => {
    for (const apiKeyId of apiKeyIds) bus.publish(KEY_CHANGED, { apiKeyId });
  });

  // What manages.
  const access = new AccessStore(dataSource);
  const audit = new AuditRecorder(systemClock);
  const auditStore = new AuditStore(dataSource);
  const users = new PostgresUserStore(dataSource);
  const { pepper, pepperId } = secrets;
  const keys = new PostgresKeyStore(dataSource, systemClock, { brand: config.tokenPrefix, pepper, pepperId });
  const propagation = new FeedPropagation(feed, monotonicClock);
  const keyService = new KeyService({
    dataSource,
    store: keys,
    access,
    audit,
    propagation,
    clock: systemClock,
    brand: config.tokenPrefix,
    publicUrl,
  });
  const passwords = new PasswordHasher();
  const attempts = new Attempts(new PostgresAttemptStore(dataSource), systemClock);
  const sessions = new SessionService({
    dataSource,
    clock: systemClock,
    users,
    sessions: new PostgresSessionStore(dataSource),
    attempts,
    passwords,
    audit,
  });
  const installation = new InstallationStore(dataSource);
  const setUp = new OwnerSetUp({
    dataSource,
    clock: systemClock,
    users,
    installation,
    passwords,
    sessions,
    audit,
  });
  if (config.owner) await setUp.ensureOwner(config.owner);
  const logs = new PostgresRequestLogStore(dataSource);
  const usage = new PostgresUsageStore(dataSource);
  const resolvers = [
    new AccessResolver(access),
    new AuditResolver(auditStore),
    new KeyBulkResolver(keyService),
    new KeyChangeResolver(auditStore, keys),
    new KeyConnectionResolver(keys),
    new KeyHistoryResolver(auditStore),
    new KeyMutationResolver(keyService, propagation),
    new KeyRequestLogResolver(logs),
    new KeyResolver(keys),
    new KeyUsageResolver(usage, trends, systemClock),
    new NodeResolver({
      key: async (context, id) => {
        authorize(context, 'keywright.keys.read');
        return isId(ID_PREFIXES.apiKey, id) ? keyLoader(context, keys).load(id) : null;
      },
      rol: async (_context, id) => (await access.roles()).find((role) => role.id === id) ?? null,
      scp: (_context, id) => Promise.resolve(id === ROOT_SCOPE.id ? ROOT_SCOPE : null),
      req: async (context, id) => {
        authorize(context, 'keywright.logs.read');
        return logs.find(id);
      },
      usr: async ({ principal }, id) => (principal?.actor.id === id ? users.find(id) : null),
      aud: async (context, id) => {
        authorize(context, 'keywright.audit.read');
        return isId(ID_PREFIXES.auditEvent, id) ? auditStore.find(id) : null;
      },
    }),
    new RequestLogResolver(logs, keys),
    new SessionResolver(sessions, setUp, config.localSignIn),
    new UsageResolver(usage, keys),
    new UserResolver(users),
    new VerifyResolver(verification),
    new ViewerKeyResolver(keys),
    new ViewerResolver(users, setUp, {
      publicUrl,
      sandboxEnabled: config.sandbox,
      localSignIn: config.localSignIn,
      singleSignOn: config.oidc?.label ?? null,
      version: VERSION,
    }),
  ];
  const upkeep = setInterval(() => {
    const tidy = [sessions.prune(), keys.tidy(new Date(systemClock.now() - DAY_MS))];
    Promise.all(tidy).catch((error: unknown) => note('What is old could not be removed.', error));
  }, 5 * MINUTE_MS).unref();
  closers.push(() => clearInterval(upkeep));

  // What both are reached through.
  const secure = config.publicUrl?.startsWith('https:') ?? false;
  const cookie = new SessionCookie(secure);
  const http = await createHttpServer({
    log,
    secure,
    trustedProxies: config.trustedProxies,
    readiness: () => ({ ready: feed.fresh, reason: feed.fresh ? null : 'The key index is not current.' }),
    pages: PAGES,
  });
  closers.push(() => http.close());
  await mountGraphQL(http, {
    schema: createSchema(resolversIn(resolvers), bus),
    callers: new CallerReader(sessions, verification, cookie, publicUrl),
    cookie,
    clock: systemClock,
    log,
    publicUrl,
    trustedProxies: config.trustedProxies,
  });
  registerVerifyRoutes(http, verification);
  if (config.oidc) {
    registerOidcRoutes(http, {
      provider: new IdentityProvider(config.oidc, monotonicClock),
      signIn: new ExternalSignIn({
        clock: systemClock,
        users,
        identities: new PostgresIdentityStore(),
        installation,
        sessions,
        audit,
        groupRoles: config.oidc.groupRoles,
        log: note,
      }),
      sessions,
      cookie,
      pendingCookie: new PendingCookie(secrets.signInKey, systemClock, secure),
      publicUrl,
    });
  }
  if (config.sandbox) registerSandboxRoutes(http, { service: verification, clock: systemClock });
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
  note: (message: string, error?: unknown) => void,
  closers: (() => Promise<unknown> | void)[],
): Promise<{ feed: ChangeFeed; index: KeyIndex; verifier: Verifier }> {
  const index = new KeyIndex();
  const feed = new ChangeFeed({
    source: new PostgresChangeSource(verificationSource),
    loader: new PostgresKeyLoader(verificationSource),
    index,
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
  const verifier = new Verifier({
    index,
    freshness: feed,
    limiter: new MemoryRateLimiter(monotonicClock),
    peppers: new Map([[secrets.pepperId, secrets.pepper]]),
    brand: config.tokenPrefix,
    clock: systemClock,
  });
  return { feed, index, verifier };
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
