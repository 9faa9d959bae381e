import pg from 'pg';
import { DataSource, type EntitySchema } from 'typeorm';
import { boundedClientClass } from './bounded-client.js';
import type { Connection } from './connection.js';
import { Initial1795219200000 } from './migrations/2026-11-21-initial.js';
import { Access1795478400000 } from './migrations/2026-11-24-access.js';
import { DataPlane1795486200000 } from './migrations/2026-11-24-data-plane.js';
import { Oidc1795478460000 } from './migrations/2026-11-24-oidc.js';
import { People1795482000000 } from './migrations/2026-11-24-people.js';
import { Quotas1795485600000 } from './migrations/2026-11-24-quotas.js';
import { KeyIds1795568400000 } from './migrations/2026-11-25-key-ids.js';
import { SignedKeys1795654800000 } from './migrations/2026-11-26-signed-keys.js';
import { RouteRules1795741200000 } from './migrations/2026-11-27-route-rules.js';
import { UsageReports1795827600000 } from './migrations/2026-11-28-usage-reports.js';
import { NodeRedis1795914000000 } from './migrations/2026-11-29-node-redis.js';
import { AuditRetention1796000460000 } from './migrations/2026-11-30-audit-retention.js';
import { FoldedText1796000480000 } from './migrations/2026-11-30-folded-text.js';
import { UsageOrder1796000450000 } from './migrations/2026-11-30-usage-order.js';
import { AccountTally1796000430000 } from './migrations/2026-11-30-account-tally.js';
import { CustomerKeys1796000420000 } from './migrations/2026-11-30-customer-keys.js';
import { GroupRoles1796000402000 } from './migrations/2026-11-30-group-roles.js';
import { LinkIssuers1796000401000 } from './migrations/2026-11-30-link-issuers.js';
import { UpkeepChanges1796000400000 } from './migrations/2026-11-30-upkeep-changes.js';
import { OldestVersions1796000399000 } from './migrations/2026-11-30-oldest-versions.js';
import { EditVersions1796000490000 } from './migrations/2026-11-30-edit-versions.js';
import { AnybodyRules1796004180000 } from './migrations/2026-11-30-anybody-rules.js';
import { RoleNames1796005300000 } from './migrations/2026-11-30-role-names.js';
import { AccessHolds1796005100000 } from './migrations/2026-11-30-access-holds.js';
import { HoldPlaces1796005200000 } from './migrations/2026-11-30-hold-places.js';
import { RouteRuleHolds1796005400000 } from './migrations/2026-11-30-route-rule-holds.js';
import { JournalCounts1796003103000 } from './migrations/2026-11-30-journal-counts.js';
import { Invitations1796004200000 } from './migrations/2026-11-30-invitations.js';
import { KeysOfUsers1796004300000 } from './migrations/2026-11-30-keys-of-users.js';
import { KeyHolds1796003102000 } from './migrations/2026-11-30-key-holds.js';
import { NodeDiagnoses1796005000000 } from './migrations/2026-11-30-node-diagnoses.js';
import { Eras1796003101000 } from './migrations/2026-11-30-eras.js';
import { Events1796006000000 } from './migrations/2026-11-30-events.js';

/** All migrations in the order they run; listed, never globbed. */
export const MIGRATIONS = [
  Initial1795219200000,
  Access1795478400000,
  Oidc1795478460000,
  People1795482000000,
  Quotas1795485600000,
  DataPlane1795486200000,
  KeyIds1795568400000,
  SignedKeys1795654800000,
  RouteRules1795741200000,
  UsageReports1795827600000,
  NodeRedis1795914000000,
  UsageOrder1796000450000,
  AuditRetention1796000460000,
  FoldedText1796000480000,
  LinkIssuers1796000401000,
  UpkeepChanges1796000400000,
  OldestVersions1796000399000,
  CustomerKeys1796000420000,
  EditVersions1796000490000,
  AnybodyRules1796004180000,
  GroupRoles1796000402000,
  AccountTally1796000430000,
  Eras1796003101000,
  KeyHolds1796003102000,
  JournalCounts1796003103000,
  Invitations1796004200000,
  KeysOfUsers1796004300000,
  NodeDiagnoses1796005000000,
  AccessHolds1796005100000,
  HoldPlaces1796005200000,
  RoleNames1796005300000,
  RouteRuleHolds1796005400000,
  Events1796006000000,
] as const;

/** Settings of a connection pool. */
export interface PoolSettings {
  readonly applicationName: string;
  readonly size: number;
  /** How long a statement waits for a lock, in milliseconds; 0 for no limit. */
  readonly lockTimeoutMs: number;
  /** How long a statement can run, in milliseconds; 0 for no limit; 30 seconds if absent. */
  readonly statementTimeoutMs?: number;
}

/** The pool for requests of people and integrators; a short lock timeout frees connections soon. */
export const MANAGEMENT_POOL: PoolSettings = { applicationName: 'keywright', size: 16, lockTimeoutMs: 5000 };

/** The pool for request log searches, which read a lot; separate, so that they never slow down other requests. */
export const LOG_SEARCH_POOL: PoolSettings = {
  applicationName: 'keywright request log',
  size: 3,
  lockTimeoutMs: 3000,
  statementTimeoutMs: 3000,
};

/** The pool of the command line, whose queries can scan whole tables. */
export const COMMAND_POOL: PoolSettings = {
  applicationName: 'keywright command',
  size: 2,
  lockTimeoutMs: 10_000,
  statementTimeoutMs: 30 * 60_000,
};

/** The connections for migrations, which wait and run without a time limit. */
export const MIGRATION_POOL: PoolSettings = {
  applicationName: 'keywright migration',
  size: 2,
  lockTimeoutMs: 0,
  statementTimeoutMs: 0,
};

const STATEMENT_TIMEOUT_MS = 30_000;

/** Creates a connection pool. `synchronize` stays off: only migrations change the schema. */
export const createDataSource = (
  connection: Connection,
  entities: readonly EntitySchema<never>[],
  onPoolError: (error: unknown) => void,
  pool: PoolSettings = MANAGEMENT_POOL,
): DataSource => {
  const statementTimeoutMs = pool.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS;
  return new DataSource({
    type: 'postgres',
    driver: pg,
    host: connection.host,
    port: connection.port,
    username: connection.user,
    password: connection.password,
    database: connection.database,
    ssl: connection.ssl as boolean | undefined,
    applicationName: pool.applicationName,
    entities: [...entities],
    migrations: [...MIGRATIONS],
    migrationsTransactionMode: 'each',
    synchronize: false,
    // Counts are numbers: none of them comes near 2^53.
    parseInt8: true,
    logging: false,
    poolSize: pool.size,
    poolErrorHandler: onPoolError,
    connectTimeoutMS: 5000,
    extra: {
      Client: boundedClientClass(connection.bounds),
      statement_timeout: statementTimeoutMs,
      query_timeout: statementTimeoutMs && statementTimeoutMs + 5000,
      lock_timeout: pool.lockTimeoutMs,
      keepAlive: true,
    },
  });
};
