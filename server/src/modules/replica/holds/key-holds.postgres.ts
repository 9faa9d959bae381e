import { ID_PREFIXES, newId, type IdPrefix } from '../../../core/id.js';
import type { Database, Queries } from '../../../core/queries.js';
import { accessExcessOf, holdEntry, type AccessRestriction } from '../../access/decide/access-hold.js';
import type { AccessExcess } from '../../scopes/tree/scope.js';
import { PostgresDirectoryStore } from '../../access/decide/directory-store.postgres.js';
import type { AuditMark, DatabasePosition } from '../database-history.js';
import { PostgresRouteRuleLoader } from '../../route-rules/route-rule-loader.postgres.js';
import { sameRules, type RouteRuleList } from '../../route-rules/route-rule.js';
import { PostgresKeyLoader } from '../key-index.postgres.js';
import type { Excess } from '../indexed-key.js';
import { boundOf, excessOf, narrow, type Restriction } from './restriction.js';
import {
  ROUTE_RULES_ID,
  type RememberedEntry,
  type RememberedKey,
  type RememberedRules,
  type RestrictionMemory,
} from './restriction-memory.js';
import { SettledHolds } from './settled-holds.postgres.js';

/** Keys compared per batch. */
const CHUNK = 2000;

/** A key, service account, role, scope or route rule list to which the database would allow more than before. */
export interface RaisedHold {
  readonly name: string;
  readonly excess: readonly (Excess | AccessExcess | 'CHANGED')[];
}

/**
 * Restricts keys, and the sources of their access, to what this process remembers if a restored database would allow
 * more.
 */
export class KeyHolds {
  constructor(
    private readonly database: Database,
    private readonly memory: RestrictionMemory,
    private readonly installationId: string,
    /** Name of this machine. */
    private readonly host: string,
  ) {}

  /** Compares everything remembered at a place that the database does not have. Rejects with any database error. */
  async raise({ installationId }: DatabasePosition): Promise<RaisedHold[]> {
    const { memory } = this;
    if (installationId !== this.installationId) return [];
    return this.database.transaction(async (queries) => {
      // Among processes that remember the same change, only one raises the hold.
      await queries.query('lock table key_hold in share row exclusive mode');
      const isLost = await lostPlaces(queries, memory.places);
      const { keys, entries, routes } = memory.lostAt(isLost);
      const raised: RaisedHold[] = [];
      for (let i = 0; i < entries.length; i += CHUNK) {
        raised.push(...(await this.holdEntries(queries, entries.slice(i, i + CHUNK))));
      }
      for (let i = 0; i < keys.length; i += CHUNK) {
        raised.push(...(await this.hold(queries, keys.slice(i, i + CHUNK))));
      }
      if (routes) raised.push(...(await this.holdRoutes(queries, routes)));
      memory.settle([...keys, ...entries, ...(routes ? [routes] : [])].map(({ id }) => id));
      return raised;
    });
  }

  /** Which of two lists allows more cannot be decided in general; where they differ, both apply. */
  private async holdRoutes(queries: Queries, remembered: RememberedRules): Promise<RaisedHold[]> {
    const { restriction, audit } = remembered;
    const now = await new PostgresRouteRuleLoader(queries).load();
    const settled = await SettledHolds.read<RouteRuleList>(queries, 'access_hold', [ROUTE_RULES_ID]);
    const known = [now, ...(now.held ?? []), ...settled.of(ROUTE_RULES_ID, audit)];
    if (known.some((each) => sameRules(each, restriction))) return [];
    await this.insertAccessHold(queries, 'route_rules', remembered, ['CHANGED']);
    return [{ name: 'Route rules', excess: ['CHANGED'] }];
  }

  private async insertAccessHold(
    queries: Queries,
    entity: string,
    { id, restriction, audit }: RememberedEntry | RememberedRules,
    excess: RaisedHold['excess'],
  ): Promise<void> {
    const hold = newId(ID_PREFIXES.accessHold);
    await queries.query(
      `insert into access_hold (id, entity, target_id, restriction, excess, host, lost_seq, lost_hash)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [hold, entity, id, JSON.stringify(restriction), excess, this.host, audit.seq, audit.hash],
    );
  }

  private async holdEntries(queries: Queries, remembered: readonly RememberedEntry[]): Promise<RaisedHold[]> {
    const idsOf = (prefix: IdPrefix): string[] =>
      remembered.map(({ id }) => id).filter((id) => id.startsWith(`${prefix}_`));
    const content = await new PostgresDirectoryStore(queries).load({
      scopes: idsOf(ID_PREFIXES.scope),
      roles: idsOf(ID_PREFIXES.role),
      serviceAccounts: idsOf(ID_PREFIXES.serviceAccount),
    });
    const byId = new Map(remembered.map((each) => [each.id, each]));
    const settled = await SettledHolds.read<AccessRestriction>(queries, 'access_hold', [...byId.keys()]);
    const raised: RaisedHold[] = [];
    for (const [entity, entries] of [
      ['scope', content.scopes],
      ['role', content.roles],
      ['service_account', content.serviceAccounts],
    ] as const) {
      for (const entry of entries) {
        const remembered = byId.get(entry.id)!;
        const { restriction, audit } = remembered;
        const excess = accessExcessOf(entry, restriction);
        const isSettled = (to: AccessRestriction): boolean =>
          accessExcessOf(holdEntry(entry, { restriction: to, excess }), restriction).length === 0;
        if (excess.length === 0 || settled.of(entry.id, audit).some(isSettled)) continue;
        raised.push({ name: entry.name, excess });
        await this.insertAccessHold(queries, entity, remembered, excess);
      }
    }
    return raised;
  }

  private async hold(queries: Queries, remembered: readonly RememberedKey[]): Promise<RaisedHold[]> {
    const records = await new PostgresKeyLoader(queries).load(remembered.map(({ id }) => id));
    const byId = new Map(remembered.map((each) => [each.id, each]));
    const settled = await SettledHolds.read<Restriction>(queries, 'key_hold', [...byId.keys()]);
    const raised: RaisedHold[] = [];
    for (const record of records) {
      const { restriction, audit } = byId.get(record.id)!;
      const excess = excessOf(record, restriction);
      const isSettled = (to: Restriction): boolean => excessOf(narrow(record, to), restriction).length === 0;
      if (excess.length === 0 || settled.of(record.id, audit).some(isSettled)) continue;
      raised.push({ name: record.name, excess });
      const bound = JSON.stringify(boundOf(record, restriction));
      await queries.query(
        `insert into key_hold (id, api_key_id, restriction, excess, host, lost_seq, lost_hash)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [newId(ID_PREFIXES.keyHold), record.id, bound, excess, this.host, audit.seq, audit.hash],
      );
    }
    return raised;
  }
}

/** The places of the audit log that the database lacks or has differently. Events removed by retention are not lost. */
async function lostPlaces(
  queries: Queries,
  places: readonly AuditMark[],
): Promise<(audit: AuditMark) => boolean> {
  const rows = await queries.query<{ seq: number; hash: string }>(
    'select seq::float8 as seq, hash from audit_event where seq = any($1::bigint[])',
    [places.map(({ seq }) => seq)],
  );
  const [{ first } = { first: null }] = await queries.query<{ first: number | null }>(
    'select min(seq)::float8 as first from audit_event',
  );
  const kept = new Map(rows.map(({ seq, hash }) => [seq, hash]));
  return ({ seq, hash }) => {
    const there = kept.get(seq);
    if (there !== undefined) return !there.startsWith(hash);
    return seq > 0 && (first === null || seq > first);
  };
}
