import type { DataSource, EntityManager } from 'typeorm';
import type { AccessRestriction } from '../../access/decide/access-hold.js';
import type { RouteRuleList } from '../../route-rules/route-rule.js';
import type { AccessExcess } from '../../scopes/tree/scope.js';

/** A service account, role, scope or route rule list that is restricted to less than the database says. */
export interface AccessHold {
  readonly id: string;
  readonly target: 'service_account' | 'role' | 'scope' | 'route_rules';
  readonly targetId: string;
  readonly targetName: string;
  readonly reasons: (AccessExcess | 'CHANGED')[];
  readonly host: string;
  readonly raisedAt: Date;
  readonly restriction: AccessRestriction | RouteRuleList;
}

const SELECT = `
  select h.id, h.entity as target, h.target_id as "targetId", coalesce(a.name, r.name, s.name, 'Route rules') as "targetName", h.excess as reasons,
    h.host, h.raised_at as "raisedAt", h.restriction
  from access_hold h left join service_account a on a.id = h.target_id left join role r on r.id = h.target_id
    left join scope s on s.id = h.target_id
  where h.settled_at is null`;

/** Unsettled holds, oldest first. */
export const listAccessHolds = (dataSource: Pick<DataSource, 'query'>): Promise<AccessHold[]> =>
  dataSource.query(`${SELECT} order by h.raised_at, h.id limit 500`);

/** Returns an unsettled hold and locks its row until the transaction ends. */
export async function lockAccessHold(manager: EntityManager, id: string): Promise<AccessHold | null> {
  await manager.query('select 1 from access_hold where id = $1 for update', [id]);
  const rows: AccessHold[] = await manager.query(`${SELECT} and h.id = $1`, [id]);
  return rows[0] ?? null;
}

export async function settleAccessHold(
  manager: EntityManager,
  id: string,
  settlement: 'APPLIED' | 'RELEASED',
): Promise<void> {
  await manager.query(
    `update access_hold set settled_at = now(), settlement = $2, settled_seq = (select seq from audit_head) where id = $1`,
    [id, settlement],
  );
}
