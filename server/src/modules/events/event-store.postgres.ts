import type { DataSource } from 'typeorm';
import { badInput } from '../../core/errors.js';
import { encodeCursor, parsePage, toPage, type Page, type PageArgs } from '../../core/page.js';
import { isStorableText } from '../../core/text.js';
import type { Reach } from '../access/decide/access-set.js';
import { ROOT_SCOPE } from '../scopes/tree/scope.js';
import type { CommittedEvent, Event, EventFilter } from './event.js';
import type { EventSource, Round, RoundRequest } from './event-source.js';
import type { EventVisibility } from './event-visibility.js';

const LIST = 'events';
const PER_ROUND = 200;
const PER_DELETE = 5_000;

const COLUMNS = `id, at, type, environment,
  json_build_object('kind', actor_kind, 'id', actor_id, 'name', actor_name) as actor,
  subject_type as "subjectType", subject_id as "subjectId", subject_name as "subjectName",
  scope_id as "scopeId", scope_path as "scopePath", change_token as "changeToken", changes`;

const ROUND = `
  select until::text, went_back, e.*
  from (
    select coalesce($2::pg_snapshot, pg_current_snapshot()) as until,
      pg_snapshot_xmax(coalesce($2::pg_snapshot, $1::pg_snapshot)) > pg_snapshot_xmax(pg_current_snapshot()) as went_back
  ) bounds
  left join lateral (
    select ${COLUMNS}, xid::text, seq::text from event
    where xid >= pg_snapshot_xmin($1::pg_snapshot) and not pg_visible_in_snapshot(xid, $1::pg_snapshot)
      and pg_visible_in_snapshot(xid, until) and (xid, seq) > ($3::xid8, $4::bigint)
    order by event.xid, event.seq limit ${PER_ROUND + 1}
  ) e on true`;

type RoundRow = CommittedEvent & { readonly until: string; readonly went_back: boolean };

/** Reads events, and removes those past their retention. */
export class EventStore implements EventSource {
  constructor(private readonly dataSource: DataSource) {}

  /** A page of the events that a caller can see, newest first. */
  async list(
    filter: EventFilter,
    types: readonly string[] | null,
    args: PageArgs,
    visibility: EventVisibility,
  ): Promise<Page<Event>> {
    const page = parsePage(args, LIST, 2);
    const parameters: unknown[] = [];
    const value = (parameter: unknown): string => `$${parameters.push(parameter)}`;
    const parts = [visibleSql(visibility, value)];
    const text = (column: string, wanted: string | null | undefined): void => {
      if (wanted == null) return;
      parts.push(isStorableText(wanted) ? `${column} = ${value(wanted)}` : 'false');
    };
    if (types) parts.push(`type = any(${value(types)})`);
    text('subject_id', filter.subjectId);
    text('environment', filter.environment);
    if (filter.scopeId != null && filter.scopeId !== ROOT_SCOPE.id) {
      parts.push(
        isStorableText(filter.scopeId) ? `scope_path @> array[${value(filter.scopeId)}::text]` : 'false',
      );
    }
    if (filter.at?.from) parts.push(`at >= ${value(filter.at.from)}`);
    if (filter.at?.to) parts.push(`at < ${value(filter.at.to)}`);
    if (page.cursor) {
      const [at, id] = page.cursor;
      if (typeof at !== 'number' || typeof id !== 'string') throw foreignCursor(page.backwards);
      const order = page.backwards ? '>' : '<';
      parts.push(`(at, id) ${order} (to_timestamp(${value(at)}::float8 / 1000), ${value(id)})`);
    }
    const order = page.backwards ? 'at, id' : 'at desc, id desc';
    const rows: Event[] = await this.dataSource.query(
      `select ${COLUMNS} from event where ${parts.join(' and ')} order by ${order} limit ${page.limit + 1}`,
      parameters,
    );
    return toPage(page, rows, ({ at, id }) => encodeCursor(LIST, [at.getTime(), id]));
  }

  /** One event, if the caller can see it. */
  async find(id: string, visibility: EventVisibility): Promise<Event | null> {
    const parameters: unknown[] = [id];
    const visible = visibleSql(visibility, (parameter) => `$${parameters.push(parameter)}`);
    const [row] = (await this.dataSource.query(
      `select ${COLUMNS} from event where id = $1 and ${visible}`,
      parameters,
    )) as Event[];
    return row ?? null;
  }

  async now(): Promise<string> {
    const [row] = (await this.dataSource.query('select pg_current_snapshot()::text as now')) as [
      { now: string },
    ];
    return row.now;
  }

  async round({ seen, until, after }: RoundRequest): Promise<Round> {
    const rows = (await this.dataSource.query(ROUND, [
      seen,
      until ?? null,
      after?.xid ?? '0',
      after?.seq ?? '0',
    ])) as RoundRow[];
    const [first] = rows;
    if (first!.went_back) {
      const message =
        'This cursor is later than the database, which was restored from a backup. Start again without it.';
      throw badInput([{ path: 'after', message }]);
    }
    const events = rows.filter(({ id }) => id !== null);
    return { until: first!.until, events: events.slice(0, PER_ROUND), more: events.length > PER_ROUND };
  }

  /** Removes events before a time, a few thousand in each statement so that none takes long. */
  async removeBefore(before: Date): Promise<void> {
    for (let removed = PER_DELETE; removed === PER_DELETE;) {
      const [, count] = (await this.dataSource.query(
        `delete from event where id in (select id from event where at < $1 order by at, id limit ${PER_DELETE})`,
        [before],
      )) as [unknown, number];
      removed = count;
    }
  }
}

const foreignCursor = (backwards: boolean): Error =>
  badInput([
    {
      path: backwards ? 'before' : 'after',
      message: 'This cursor does not belong to this list and order. Start again without it.',
    },
  ]);

/** SQL for what {@link EventVisibility} allows. */
function visibleSql({ reach, byNoun }: EventVisibility, value: (parameter: unknown) => string): string {
  const within = (where: Reach): string =>
    where === 'EVERYTHING' ? 'true' : `scope_path && ${value(where)}::text[]`;
  const groups = new Map<string, { readonly where: Reach; readonly nouns: string[] }>();
  for (const [noun, where] of byNoun) {
    if (where !== 'EVERYTHING' && where.length === 0) continue;
    const name = JSON.stringify(where);
    const group = groups.get(name) ?? { where, nouns: [] };
    groups.set(name, group);
    group.nouns.push(noun);
  }
  const each = [...groups.values()].map(
    ({ where, nouns }) => `(split_part(type, '.', 1) = any(${value(nouns)}) and ${within(where)})`,
  );
  return `${within(reach)} and (${['false', ...each].join(' or ')})`;
}
