import type { Queries } from '../../core/queries.js';
import { textArray } from '../../core/pg-arrays.js';

/** Keys per update statement. */
const KEYS_AT_ONCE = 1000;
/** Keys checked per statement if it is unknown which were used. */
const LOOKED_AT_ONCE = 10_000;

/** Locks rows in the same order as the writers of counts, to avoid deadlocks. */
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

/** Maximum number of {@link FIND_LATE} statements per write, since others wait for it. */
const LOOKS_AT_ONCE = 20;

/**
 * Updates the sort columns of keys from their counts once a minute, rather than with each count. Besides the used
 * keys it walks through all keys after the start and then hourly: an older process may write concurrently, or may
 * have ended before it updated its keys.
 */
export class UsageOrder {
  private used = new Set<string>();
  /** How far the walk through all keys has got; null at the end. */
  private walkedTo: string | null = null;

  constructor(
    private readonly queries: Queries,
    /** Called between statements. */
    private readonly rest: () => Promise<void>,
  ) {}

  /** Records keys that were counted. */
  noteUsed(apiKeyIds: Iterable<string>): void {
    for (const id of apiKeyIds) this.used.add(id);
  }

  /** Restarts the walk through all keys. */
  walkAgain(): void {
    this.walkedTo = '';
  }

  /** Updates the keys used since the last call. Rejects with any database error; the next call catches up. */
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
