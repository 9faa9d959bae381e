import type { DataSource } from 'typeorm';
import { badInput } from '../../core/errors.js';
import { encodeCursor, parsePage, toPage, type Page, type PageArgs } from '../../core/page.js';
import { isStorableText } from '../../core/text.js';
import type { Reach } from '../access/decide/access-set.js';
import type { AuditEvent, AuditFilter, AuditVerification } from './audit-event.js';
import { currentAction, currentTargetType, storedActions, storedTargetTypes } from './former-names.js';

const LIST = 'audit';

interface Row extends AuditEvent {
  readonly seq: number;
}

const COLUMNS = `seq, id, at, json_build_object('kind', actor_kind, 'id', actor_id, 'name', actor_name) as actor, action,
  target_type as "targetType", target_id as "targetId", target_name as "targetName", ip, changes, hash,
  previous_hash as "previousHash"`;

function seqOf(value: unknown): number {
  if (Number.isSafeInteger(value)) return value as number;
  throw badInput([
    { path: 'after', message: 'This cursor does not belong to this list. Start again without it.' },
  ]);
}

/** A stored event with the current names of its action and of its target's kind. */
const present = (row: Row): Row => ({
  ...row,
  action: currentAction(row.action),
  targetType: currentTargetType(row.targetType),
});

/** Reads and verifies the audit log. */
export class AuditStore {
  constructor(private readonly dataSource: DataSource) {}

  /** A page of the events within the given reach, newest first. */
  async list(filter: AuditFilter, args: PageArgs, reach: Reach): Promise<Page<AuditEvent>> {
    const page = parsePage(args, LIST, 1);
    const parameters: unknown[] = [];
    const parts: string[] = ['true'];
    const where = (sql: string, value: unknown): void => {
      if (value == null) return;
      const texts = [value].flat().filter((each) => typeof each === 'string');
      if (!texts.every(isStorableText)) return void parts.push('false');
      parameters.push(value);
      parts.push(`${sql} ($${parameters.length})`);
    };
    where('actor_id =', filter.actorId);
    where('action = any', filter.action == null ? null : storedActions(filter.action));
    where('target_type = any', filter.targetType == null ? null : storedTargetTypes(filter.targetType));
    where('target_id =', filter.targetId);
    where('at >=', filter.at?.from);
    where('at <', filter.at?.to);
    where('scope_path &&', reach === 'EVERYTHING' ? null : reach);
    if (page.cursor) where('seq <', seqOf(page.cursor[0]));
    const rows: Row[] = await this.dataSource.query(
      `select ${COLUMNS} from audit_event where ${parts.join(' and ')} order by seq desc limit ${page.limit + 1}`,
      parameters,
    );
    return toPage(page, rows.map(present), (row) => encodeCursor(LIST, [row.seq]));
  }

  /** One event within the given reach. */
  async find(id: string, reach: Reach): Promise<AuditEvent | null> {
    const rows: Row[] = await this.dataSource.query(
      `select ${COLUMNS} from audit_event where id = $1 and ($2::text[] is null or scope_path && $2)`,
      [id, reach === 'EVERYTHING' ? null : reach],
    );
    return rows[0] ? present(rows[0]) : null;
  }

  /** The latest event on a target. */
  async latest(targetId: string): Promise<AuditEvent | null> {
    const rows: Row[] = await this.dataSource.query(
      `select ${COLUMNS} from audit_event where target_id = $1 order by seq desc limit 1`,
      [targetId],
    );
    return rows[0] ? present(rows[0]) : null;
  }

  /**
   * Verifies the whole chain: recomputes each hash, checks each link, compares the end with the head, and the beginning
   * with the record of the last removal.
   */
  async verify(): Promise<AuditVerification> {
    const [row] = (await this.dataSource.query(
      `with chain as (
         select e.seq, e.id, e.hash, e.previous_hash = lag(e.hash, 1, h.removed_hash) over (order by e.seq)
           and e.hash = audit_hash(e) as holds
         from audit_event e, audit_head h),
       broken as (select seq, id from chain where not holds order by seq limit 1),
       tail as (select seq, hash from audit_event order by seq desc limit 1),
       removal as (select changes->'lastRemovedHash'->>'after' as hash from audit_event
         where action = any($1) order by seq desc limit 1)
       select (select count(*) from chain) as checked, (select id from broken) as "firstBrokenId",
         coalesce((select t.seq = h.seq and t.hash = h.hash from tail t), h.seq = 0)
           and coalesce((select r.hash = h.removed_hash from removal r), h.removed_seq = 0) as whole,
         h.removed_seq as "removedCount"
       from audit_head h`,
      [storedActions('audit_log.pruned')],
    )) as [{ checked: number; removedCount: number; firstBrokenId: string | null; whole: boolean }];
    return {
      intact: row.whole && row.firstBrokenId === null,
      checked: row.checked,
      removedCount: row.removedCount,
      firstBrokenId: row.firstBrokenId,
    };
  }
}
