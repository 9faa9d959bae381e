import type { Config } from './config/config.js';
import type { DataPlane } from './data-plane.js';
import type { Provision } from './database/provision.js';
import { createAdministration } from './administration.js';
import { DAY_MS, monotonicClock, systemClock } from './core/clock.js';
import { ID_PREFIXES, isId } from './core/id.js';
import { LiveBus } from './core/live-bus.js';
import { createDataSource, LOG_SEARCH_POOL } from './database/data-source.js';
import { NodeResolver } from './graphql/node.resolver.js';
import { AccessStore } from './modules/access/access-store.postgres.js';
import { authorizeAt, authorizeReach, requirePrincipal } from './modules/access/principal.js';
import { AuditRecorder } from './modules/audit/audit-recorder.js';
import { ChangeRunner } from './modules/audit/change-runner.js';
import { AuditRetention } from './modules/audit/audit-retention.postgres.js';
import { AuditStore } from './modules/audit/audit-store.postgres.js';
import { AuditEventResolver, AuditResolver } from './modules/audit/audit.resolver.js';
import { KeyAccessResolver } from './modules/keys/key-access.resolver.js';
import { SIGNING_SECRET_BOX } from './modules/keys/key-secret.js';
import { KeyBulkResolver } from './modules/keys/key-bulk.resolver.js';
import { KEY_CHANGED, KeyChangeResolver, KeyHistoryResolver } from './modules/keys/key-history.resolver.js';
import { KeyBoundsCheck } from './modules/keys/key-bounds-check.js';
import { KeyBoundsStore } from './modules/keys/key-bounds-store.postgres.js';
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
import { MemoryRateLimiter } from './modules/limits/memory-rate-limiter.js';
import type { LicenseFile } from './modules/license/license-file.js';
import { LicenseService } from './modules/license/license-service.js';
import { LicenseResolver } from './modules/license/license.resolver.js';
import { REQUEST_LOG_TOPIC } from './modules/request-logs/live-tail.js';
import { PostgresRequestLogStore } from './modules/request-logs/request-log-store.postgres.js';
import {
  KeyRequestLogResolver,
  RequestLogConnectionResolver,
  RequestLogResolver,
} from './modules/request-logs/request-log.resolver.js';
import { visibleServiceAccount } from './modules/service-accounts/service-account-loader.js';
import { visibleScope } from './modules/tenants/scope.resolver.js';
import { TrendCache } from './modules/usage/trend-cache.js';
import { KeysOfUserResolver } from './modules/keys/keys-of-user.resolver.js';
import { KeyUsageResolver } from './modules/usage/key-usage.resolver.js';
import { PostgresUsageStore } from './modules/usage/usage-store.postgres.js';
import { USAGE_TOPIC, UsageTicker } from './modules/usage/usage-ticker.js';
import { UsageResolver } from './modules/usage/usage.resolver.js';
import { visibleUser } from './modules/users/user-admin.resolver.js';
import { PostgresUserStore } from './modules/users/user-store.postgres.js';
import { touchesDirectory } from './modules/verification/change-source.js';
import { ExplainSignatureResolver } from './modules/verification/explain-signature.resolver.js';
import { KeyHoldResolver } from './modules/verification/key-hold.resolver.js';
import { KeyHeldResolver } from './modules/verification/key-held.resolver.js';
import { KeyHoldService } from './modules/verification/key-hold-service.js';
import { NodeStatusResolver } from './modules/verification/node-status.resolver.js';
import { SignatureExplainer } from './modules/verification/signature-explainer.js';
import { VerifyResolver } from './modules/verification/verify.resolver.js';
import { createPeople } from './people.js';
import { VERSION } from './version.js';

const MINUTE_MS = 60_000;

/** What manages: everything behind GraphQL but the transport. */
export interface Management {
  readonly people: ReturnType<typeof createPeople>;
  readonly resolvers: readonly object[];
}

/** What {@link createManagement} works with. */
export interface ManagementDeps {
  readonly config: Config;
  readonly database: Provision;
  /** undefined: no file limits the number of keys. */
  readonly licenseFile: LicenseFile | undefined;
  readonly plane: DataPlane;
  readonly bus: LiveBus;
  readonly publicUrl: () => string;
  /** Whether the public URL is https. */
  readonly secure: boolean;
  readonly note: (message: string, error?: unknown) => void;
  readonly closers: (() => Promise<unknown> | void)[];
}

/** Services, stores and resolvers of management, and what they tell subscribers. */
export async function createManagement(deps: ManagementDeps): Promise<Management> {
  const { config, database, licenseFile, plane, bus, publicUrl, secure, note, closers } = deps;
  const { dataSource, secrets } = database;
  const { directory, feed, verification, propagation } = plane;
  const { maximumKeys, maximumKeysPerCustomer } = config.license;
  const trends = new TrendCache(monotonicClock);
  publishLive(plane, bus, trends, closers);

  const access = new AccessStore(dataSource);
  const audit = new AuditRecorder(systemClock);
  const auditStore = new AuditStore(dataSource);
  const users = new PostgresUserStore(dataSource);
  const { peppers, ids } = secrets;
  const tokens = { brand: config.tokenPrefix, peppers, ids };
  const signingBox = secrets.boxFor(SIGNING_SECRET_BOX);
  const keys = new PostgresKeyStore(dataSource, systemClock, tokens, signingBox, directory);
  const changes = new ChangeRunner(dataSource, audit, propagation, async (by, manager) =>
    by.sessionId === null
      ? verification.refresh(by)
      : people.sessions.refreshIn(manager, by.sessionId, by.ip),
  );
  const license = new LicenseService({
    dataSource,
    clock: systemClock,
    file: licenseFile,
    maximumKeys,
    maximumKeysPerCustomer,
  });
  const bounds = new KeyBoundsCheck(keys, new KeyBoundsStore());
  const keyService = new KeyService({
    store: keys,
    directory,
    grants: new KeyGrantsCheck(directory, access),
    bounds,
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
    keyNow: (id) => verification.keyNow(id),
    bounds,
    mail: config.mail,
    oidc: config.oidc,
    secure,
    basePath: config.basePath,
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
  feed.applied.on((ids) => {
    if (ids === 'ALL' || touchesDirectory(ids)) sessions.forget();
  });
  if (config.owner) await setUp.ensureOwner(config.owner);
  await people.bindGroupRoles();
  const logPool = createDataSource(
    database.connection,
    [],
    (error) => note('A connection to the request log was lost.', error),
    LOG_SEARCH_POOL,
  );
  await logPool.initialize();
  closers.push(() => logPool.destroy());
  const logs = new PostgresRequestLogStore(logPool, monotonicClock);
  const usage = new PostgresUsageStore(dataSource);
  const administration = createAdministration({
    dataSource,
    clock: systemClock,
    access,
    directory,
    bounds,
    maximumKeysPerCustomer,
    admitMoved: (manager, by, scopeId) => license.admitMoved(manager, by, scopeId),
    changes,
    routes: plane.routes,
  });
  const { serviceAccounts, routeRules } = administration;
  const resolvers = [
    new AuditEventResolver(directory),
    new AuditResolver(auditStore),
    new ExplainSignatureResolver(
      new SignatureExplainer({
        index: plane.index,
        nonces: plane.nonces,
        box: signingBox,
        limiter: new MemoryRateLimiter(monotonicClock),
        clock: systemClock,
      }),
    ),
    new KeyAccessResolver(directory),
    new KeyBulkResolver(keyService, note),
    new KeyChangeResolver(auditStore, keys),
    new KeyConnectionResolver(keys),
    new KeyHistoryResolver(auditStore),
    new KeyMutationResolver(keyService, propagation),
    new KeyRequestLogResolver(logs),
    new KeyResolver(keys),
    new KeyServiceAccountResolver(serviceAccounts),
    new KeysOfUserResolver({
      service: keyService,
      store: keys,
      visibleUser: (context, id) => visibleUser(context, users, id),
      log: note,
    }),
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
      rul: async (context, id) => {
        authorizeAt(context, 'keywright.access.manage');
        return (await routeRules.list()).find((rule) => rule.id === id) ?? null;
      },
      aud: async (context, id) => {
        const reach = authorizeReach(context, 'keywright.audit.read');
        return isId(ID_PREFIXES.auditEvent, id) ? auditStore.find(id, reach) : null;
      },
    }),
    new NodeStatusResolver(plane.registry),
    new KeyHeldResolver(plane.index, directory),
    new KeyHoldResolver(
      new KeyHoldService({ dataSource, keys, directory, changes, brand: config.tokenPrefix }),
    ),
    new RequestLogConnectionResolver(logs),
    new RequestLogResolver(logs, keys),
    new ServiceAccountKeysResolver(keys),
    new UsageResolver(usage, keys),
    new VerifyResolver(verification),
    new ViewerKeyResolver(keys),
    ...administration.resolvers,
    ...people.resolvers,
  ];
  const auditRetention = new AuditRetention(dataSource, audit, systemClock, config.retention.auditDays);
  const pruneAudit = (): Promise<void> =>
    auditRetention
      .prune()
      .catch((error: unknown) =>
        note('Audit events that are past their retention could not be removed.', error),
      );
  void pruneAudit();
  const upkeep = setInterval(() => {
    const tidy = [people.prune(), keys.tidy(new Date(systemClock.now() - DAY_MS)), pruneAudit()];
    Promise.all(tidy).catch((error: unknown) => note('What is old could not be removed.', error));
  }, 5 * MINUTE_MS).unref();
  closers.push(() => clearInterval(upkeep));
  return { people, resolvers };
}

/** Tells subscribers of what was verified and of what changed, with where the key lies. */
function publishLive(
  { index, feed, live }: DataPlane,
  bus: LiveBus,
  trends: TrendCache,
  closers: (() => Promise<unknown> | void)[],
): void {
  const keyScopeOf = (apiKeyId: string | null): string | null =>
    (apiKeyId === null ? undefined : index.get(apiKeyId))?.traits.scopeId ?? null;
  const ticker = new UsageTicker(systemClock, (ticks) =>
    bus.publish(
      USAGE_TOPIC,
      ticks.map((tick) => ({ ...tick, keyScopeId: keyScopeOf(tick.apiKeyId) })),
    ),
  );
  closers.push(() => ticker.close());
  live.on(({ counts, rows }) => {
    ticker.add(counts);
    trends.forget(counts.map(({ apiKeyId }) => apiKeyId));
    for (const row of rows) {
      bus.publish(REQUEST_LOG_TOPIC, { ...row, keyScopeId: keyScopeOf(row.apiKeyId) });
    }
  });
  feed.applied.on((ids) => {
    if (ids === 'ALL') return;
    for (const apiKeyId of ids.editedApiKeys)
      bus.publish(KEY_CHANGED, { apiKeyId, keyScopeId: keyScopeOf(apiKeyId) });
  });
}
