import type { Queries } from '../../core/queries.js';
import { textArray } from './pg-arrays.js';

/** Keys whose order is written in one statement. */
const KEYS_AT_ONCE = 1000;
/** Keys that are looked at in one statement when it is not known which were used. */
const LOOKED_AT_ONCE = 10_000;

/** Rows are locked in one order, as those who count lock them, so that nobody waits in a circle. */
const WRITE_ORDER = `
  with late as (
    select api_key_id from api_key_usage
    where api_key_id = any($1::text[]) and (order_total, order_last_used_at) is distinct from (total, last_used_at)
    order by api_key_id for update)
  update api_key_usage u set order_total = u.total, order_last_used_at = u.last_used_at
  from late where u.api_key_id = late.api_key_id`;

const FIND_LATE = `
  select max(id) as last, coalesce(array_agg(id order by id) filter (where late), '{}') as ids
  from (select api_key_id as id, (order_total, order_last_used_at) is distinct from (total, last_used_at) as late
    from api_key_usage where api_key_id > $1 order by api_key_id limit ${LOOKED_AT_ONCE}) piece`;

/** Statements of {@link FIND_LATE} in one writing, which others wait for. */
const LOOKS_AT_ONCE = 20;

/**
 * Brings what lists of keys are sorted by up to date with what was counted, once a minute and not with each count. Beside
 * the keys that were used it walks through all of them after the start, and then once an hour: an older process may write
 * beside, and one may have ended before it wrote its keys' order.
 */
export class UsageOrder {
  private used = new Set<string>();
  /** How far the walk through all keys has come; null: to the end. */
  private walkedTo: string | null = null;

  constructor(
    private readonly queries: Queries,
    /** Between statements. */
    private readonly rest: () => Promise<void>,
  ) {}

  /** Takes note of keys that were counted. */
  noteUsed(apiKeyIds: Iterable<string>): void {
    for (const id of apiKeyIds) this.used.add(id);
  }

  /** Walks through all keys again. */
  walkAgain(): void {
    this.walkedTo = '';
  }

  /** Writes the order of what was used since the last time. Error: whatever the database says; the next call makes up for it. */
  async write(): Promise<void> {
    const used = this.used;
    this.used = new Set();
    try {
      await this.writeSome([...used].sort());
    } catch (error) {
      this.noteUsed(used);
      throw error;
    }
    for (let looks = 0; looks < LOOKS_AT_ONCE && this.walkedTo !== null; looks++) await this.walkOn();
  }

  private async walkOn(): Promise<void> {
    const [found] = await this.queries.query<{ last: string | null; ids: string[] }>(FIND_LATE, [
      this.walkedTo,
    ]);
    await this.writeSome(found!.ids);
    this.walkedTo = found!.last;
    await this.rest();
  }

  private async writeSome(ids: readonly string[]): Promise<void> {
    for (let i = 0; i < ids.length; i += KEYS_AT_ONCE) {
      await this.queries.query(WRITE_ORDER, [textArray(ids.slice(i, i + KEYS_AT_ONCE))]);
      await this.rest();
    }
  }
}
