import type { DataSource } from 'typeorm';
import { managerOf } from '../../../core/transaction.postgres.js';
import type { Transaction } from '../../../core/transaction.js';
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

/** Stores holds of service accounts, roles, scopes and route rules in PostgreSQL. */
export class AccessHoldStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Unsettled holds, oldest first. */
  list(): Promise<AccessHold[]> {
    return this.dataSource.query(`${SELECT} order by h.raised_at, h.id limit 500`);
  }

  /** Returns an unsettled hold and locks its row until the transaction ends. */
  async lock(tx: Transaction, id: string): Promise<AccessHold | null> {
    await managerOf(tx).query('select 1 from access_hold where id = $1 for update', [id]);
    const rows: AccessHold[] = await managerOf(tx).query(`${SELECT} and h.id = $1`, [id]);
    return rows[0] ?? null;
  }

  async settle(tx: Transaction, id: string, settlement: 'APPLIED' | 'RELEASED'): Promise<void> {
    await managerOf(tx).query(
      `update access_hold set settled_at = now(), settlement = $2, settled_seq = (select seq from audit_head) where id = $1`,
      [id, settlement],
    );
  }
}
