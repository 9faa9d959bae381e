import type { Queries } from '../../../core/queries.js';
import type { AuditMark } from '../database-history.js';

/** A hold that an operator settled. */
interface SettledHold<R> {
  readonly targetId: string;
  readonly restriction: R;
  readonly lostSeq: number | null;
  readonly lostHash: string | null;
  readonly settledSeq: number | null;
}

/** The tables, with the column that identifies what is held. */
const TARGET_COLUMNS = { key_hold: 'api_key_id', access_hold: 'target_id' } as const;

/** Holds that operators settled: the same lost changes, remembered by another process, are not enforced again. */
export class SettledHolds<R> {
  private constructor(private readonly holds: readonly SettledHold<R>[]) {}

  /** Reads those of the keys, or of the service accounts, roles and scopes, with these ids. */
  static async read<R>(
    queries: Queries,
    table: keyof typeof TARGET_COLUMNS,
    ids: readonly string[],
  ): Promise<SettledHolds<R>> {
    const target = TARGET_COLUMNS[table];
    const holds = await queries.query<SettledHold<R>>(
      `select ${target} as "targetId", restriction, lost_seq::float8 as "lostSeq", lost_hash as "lostHash",
         settled_seq::float8 as "settledSeq"
       from ${table} where settled_at is not null and ${target} = any($1)`,
      [ids],
    );
    return new SettledHolds(holds);
  }

  /** How a lost change, applied at this lost place of the audit log, was settled. */
  of(targetId: string, lost: AuditMark): R[] {
    return this.holds
      .filter((hold) => hold.targetId === targetId && isOfOneLoss(hold, lost))
      .map(({ restriction }) => restriction);
  }
}

/**
 * Whether the place is the settled one, or precedes the point where the history with the settlement diverged from the
 * lost one. A change committed after the settlement and lost by a later restore has a later place.
 */
const isOfOneLoss = (
  { lostSeq, lostHash, settledSeq }: SettledHold<unknown>,
  { seq, hash }: AuditMark,
): boolean => (lostSeq === seq && lostHash === hash) || (settledSeq !== null && seq <= settledSeq);
