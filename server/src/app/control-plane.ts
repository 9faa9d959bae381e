import type { Config } from '../config/config.js';
import { VERSION } from '../config/version.js';
import { monotonicClock, systemClock } from '../core/clock.js';
import type { LiveBus } from '../core/live-bus.js';
import { transactionsOf } from '../core/transaction.postgres.js';
import { UnitOfWork } from '../core/unit-of-work.js';
import { createDataSource, LOG_SEARCH_POOL } from '../database/data-source.js';
import type { Provision } from '../database/provision.js';
import { NodeResolver } from '../graphql/node.resolver.js';
import { requireUnchangedCaller, type CallerNow } from '../modules/access/decide/unchanged-caller.js';
import { AccessStore } from '../modules/access/decide/access-store.postgres.js';
import type { Module } from '../modules/access/decide/module.js';
import { AuditLog } from '../modules/audit/audit-log.postgres.js';
import { createAudit } from '../modules/audit/audit.module.js';
import { EventLogTable } from '../modules/events/event-log.postgres.js';
import { EventRecorder } from '../modules/events/event-recorder.js';
import { createEvents } from '../modules/events/events.module.js';
import type { Changes } from '../modules/events/changes.js';
import { KeyBoundsCheck } from '../modules/keys/key-bounds-check.js';
import { KeyBoundsStore } from '../modules/keys/key-bounds-store.postgres.js';
import { KEY_CHANGED } from '../modules/keys/key-history.resolver.js';
import { createKeys, createKeyStore } from '../modules/keys/keys.module.js';
import type { LicenseFile } from '../modules/license/license-file.js';
import { createLicense } from '../modules/license/license.module.js';
import { createNodes } from '../modules/nodes/nodes.module.js';
import { createNotifications } from '../modules/notifications/notifications.module.js';
import { createHolds } from '../modules/replica/holds/holds.module.js';
import { REQUEST_LOG_TOPIC } from '../modules/request-logs/live-tail.js';
import { createRequestLogs } from '../modules/request-logs/request-logs.module.js';
import { createRoles } from '../modules/access/roles/roles.module.js';
import { createRouteRules } from '../modules/route-rules/route-rules.module.js';
import { createServiceAccounts } from '../modules/service-accounts/service-accounts.module.js';
import { createSignIn } from '../modules/sign-in/sign-in.module.js';
import { createScopes } from '../modules/scopes/management/scopes.module.js';
import { USAGE_TOPIC } from '../modules/usage/usage-ticker.js';
import { createUsage } from '../modules/usage/usage.module.js';
import { createUsers } from '../modules/users/users.module.js';
import { touchesDirectory } from '../modules/replica/change-source.js';
import { createVerification } from '../modules/verification/verification.module.js';
import { workerProgram } from '../workers/program.js';
import type { DataPlane, Usage } from './data-plane.js';
import type { Limits } from './limits.js';

const TIDY_INTERVAL_MS = 5 * 60_000;

export interface ControlPlaneDeps {
  readonly config: Config;
  readonly database: Pick<Provision, 'dataSource' | 'secrets' | 'connection'>;
  /** undefined without a license file. */
  readonly licenseFile: LicenseFile | undefined;
  readonly replica: Pick<DataPlane['replica'], 'directory' | 'index' | 'routes' | 'feed'>;
  readonly nodes: Pick<DataPlane['nodes'], 'registry' | 'propagation'>;
  readonly verification: Pick<DataPlane['verification'], 'service' | 'gate'>;
  /** Nonces that this process has seen; null if processes share them. */
  readonly nonces: Limits['nonces'];
  /** The usage of all processes as it is committed. */
  readonly live: Usage['live'];
  readonly bus: LiveBus;
  readonly publicUrl: () => string;
  /** Whether the public URL is https. */
  readonly secure: boolean;
  readonly log: (message: string, error?: unknown) => void;
}

export type SignIn = ReturnType<typeof createSignIn>;

/** Everything behind GraphQL except the transport. */
export interface ControlPlane {
  readonly signIn: SignIn;
  readonly resolvers: readonly object[];
  /** Prepares what must exist before the first request, and starts periodic cleanup. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Composes the modules of the control plane. */
export function createControlPlane(deps: ControlPlaneDeps): ControlPlane {
  const { config, database, replica, nodes, live, bus, publicUrl, secure, log } = deps;
  const { dataSource, secrets } = database;
  const { directory, index, feed } = replica;
  const { service, gate } = deps.verification;
  const { propagation } = nodes;
  const { maximumKeys, maximumKeysPerCustomer } = config.license;
  const brand = config.tokenPrefix;
  const auditLog = new AuditLog();
  const events = new EventRecorder([new EventLogTable(), auditLog], systemClock);
  const access = new AccessStore(dataSource);
  const callerNow: CallerNow = async (by, tx) =>
    by.sessionId === null ? gate.refresh(by) : signIn.sessions.refreshIn(tx, by.sessionId, by.ip);
  const changes: Changes = new UnitOfWork({
    inTransaction: transactionsOf(dataSource),
    requireUnchanged: requireUnchangedCaller(callerNow, access),
    record: (tx, by, happened) => events.record(tx, by, ...happened),
    committed: (tx) => auditLog.committed(tx),
    propagation,
  });
  const keyStore = createKeyStore(dataSource, systemClock, secrets, brand, directory);
  const bounds = new KeyBoundsCheck(keyStore, new KeyBoundsStore());
  const shared = {
    dataSource,
    secrets,
    clock: systemClock,
    monotonicClock,
    access,
    directory,
    changes,
    events,
    bounds,
    brand,
    publicUrl,
    log,
  };
  const mail = createNotifications(config.mail, log);
  const license = createLicense({
    dataSource,
    clock: systemClock,
    file: deps.licenseFile,
    maximumKeys,
    maximumKeysPerCustomer,
  });
  const happened = createEvents({ ...shared, bus });
  const audit = createAudit({ ...shared, auditDays: config.retention.auditDays });
  const users = createUsers({
    ...shared,
    mail: mail.invitations,
    keyNow: (id) => gate.keyNow(id),
    onAccepted: () => signIn.sessions.forget(),
  });
  const signIn = createSignIn({
    ...shared,
    people: users,
    mail: mail.passwordLinks,
    oidc: config.oidc,
    secure,
    basePath: config.basePath,
    info: {
      publicUrl,
      sandboxEnabled: config.sandbox,
      localSignIn: config.localSignIn,
      singleSignOn: config.oidc?.label ?? null,
      version: VERSION,
      mailEnabled: mail.mailEnabled,
    },
  });
  const scopes = createScopes({
    ...shared,
    maximumKeysPerCustomer,
    admitMoved: (tx, by, scopeId) => license.service.admitMoved(tx, by, scopeId),
  });
  const roles = createRoles(shared);
  const serviceAccounts = createServiceAccounts(shared);
  const routeRules = createRouteRules({
    ...shared,
    routes: replica.routes,
    documentProgram: workerProgram('openapi-document'),
  });
  const keys = createKeys({
    ...shared,
    store: keyStore,
    propagation,
    allowance: license.service,
    auditStore: audit.store,
    serviceAccounts: serviceAccounts.store,
    visibleUser: users.visible,
  });
  const keyScopeOf = (apiKeyId: string | null): string | null =>
    (apiKeyId === null ? undefined : index.get(apiKeyId))?.traits.scopeId ?? null;
  const usage = createUsage({
    ...shared,
    keys: keyStore,
    live,
    publish: (ticks) =>
      bus.publish(
        USAGE_TOPIC,
        ticks.map((tick) => ({ ...tick, keyScopeId: keyScopeOf(tick.apiKeyId) })),
      ),
  });
  const logSearches = createDataSource(
    database.connection,
    [],
    (error) => log('A connection to the request log was lost.', error),
    LOG_SEARCH_POOL,
  );
  const requestLogs = createRequestLogs({ monotonicClock, dataSource: logSearches, keys: keyStore });
  const modules: readonly Module[] = [
    happened,
    audit,
    license,
    users,
    signIn,
    scopes,
    roles,
    serviceAccounts,
    keys,
    usage,
    requestLogs,
    routeRules,
    createHolds({
      ...shared,
      index,
      keys: keyStore,
      roles: roles.store,
      scopes: scopes.store,
      routeRules: routeRules.store,
      serviceAccounts: serviceAccounts.store,
    }),
    createNodes(nodes),
    createVerification({ ...shared, service, index, nonces: deps.nonces }),
  ];

  for (const { subscribers } of modules) if (subscribers) events.subscribe(subscribers);
  live.on(({ rows }) => {
    for (const row of rows) bus.publish(REQUEST_LOG_TOPIC, { ...row, keyScopeId: keyScopeOf(row.apiKeyId) });
  });
  feed.polled.on(({ changed }) => {
    if (changed) happened.wake();
  });
  feed.applied.on((ids) => {
    // Sessions and subscriptions may have fewer permissions from now on.
    if (ids === 'ALL' || touchesDirectory(ids)) signIn.sessions.forget();
    if (ids === 'ALL') return;
    for (const apiKeyId of ids.editedApiKeys)
      bus.publish(KEY_CHANGED, { apiKeyId, keyScopeId: keyScopeOf(apiKeyId) });
  });

  let upkeep: NodeJS.Timeout | undefined;
  return {
    signIn,
    resolvers: [
      new NodeResolver(Object.assign({}, ...modules.map(({ nodes }) => nodes))),
      ...modules.flatMap(({ resolvers }) => resolvers),
    ],
    async start() {
      if (config.owner) await signIn.setUp.ensureOwner(config.owner);
      await signIn.bindGroupRoles();
      await logSearches.initialize();
      void audit.tidy();
      happened.tidy().catch((error: unknown) => log('Old events could not be removed.', error));
      upkeep = setInterval(() => {
        Promise.all(modules.map(({ tidy }) => tidy?.())).catch((error: unknown) =>
          log('Expired data could not be removed.', error),
        );
      }, TIDY_INTERVAL_MS).unref();
    },
    async close() {
      clearInterval(upkeep);
      for (const { close } of modules.toReversed()) await close?.();
      if (logSearches.isInitialized) await logSearches.destroy();
    },
  };
}
