import type { LocationQuery, LocationQueryRaw } from 'vue-router';
import type {
  ApiKeyFilter,
  ApiKeySort,
  ApiKeySortField,
  DateTimeRange,
  Environment,
  KeyStatus,
} from '../../gql/graphql.js';
import { ENVIRONMENTS } from '@keywright/schema/environment';
import { looksLikeToken } from '../../lib/token.js';

/** The status filters of the page; `all` is everything not revoked. */
export type StatusChoice = 'all' | 'active' | 'expiring' | 'expired' | 'inactive' | 'revoked';

/** The label of each status filter and the statuses it includes (keys that expire soon are also active). */
export const STATUS_CHOICES: Record<StatusChoice, { label: string; statuses: KeyStatus[] | undefined }> = {
  all: { label: 'All statuses', statuses: undefined },
  active: { label: 'Active', statuses: ['ACTIVE', 'EXPIRING_SOON'] },
  expiring: { label: 'Expiring soon', statuses: ['EXPIRING_SOON'] },
  expired: { label: 'Expired', statuses: ['EXPIRED'] },
  inactive: { label: 'Inactive', statuses: ['INACTIVE'] },
  revoked: { label: 'Revoked', statuses: ['REVOKED'] },
};

/** The day range filters, by name. */
export const RANGE_NAMES = ['created', 'expires', 'lastUsed'] as const;
export type RangeName = (typeof RANGE_NAMES)[number];

/** State of the keys page; days are UTC days (`YYYY-MM-DD`), empty strings mean no filter. */
export interface ListState {
  search: string;
  status: StatusChoice;
  environment: Environment | '';
  permission: string;
  /** Id of a service account. */
  account: string;
  /** Id of the scope to filter by, including below. */
  within: string;
  unusedForDays: number;
  ranges: Record<RangeName, { from: string; to: string }>;
  sort: { field: ApiKeySortField; direction: 'ASC' | 'DESC' };
  after: string;
  before: string;
}

const SORT_FIELDS: ApiKeySortField[] = [
  'NAME',
  'CREATED',
  'MODIFIED',
  'EXPIRES',
  'CREATED_BY',
  'LAST_USED',
  'USAGE',
];
const DEFAULT_SORT = 'created:desc';

const text = (query: LocationQuery, name: string) =>
  typeof query[name] === 'string' ? (query[name] as string) : '';
const day = (value: string) =>
  /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value)) ? value : '';

const publicId = (value: string) => (/^[a-z]+_[0-9a-z]{26}$/.test(value) ? value : '');

function parseSort(value: string): ListState['sort'] {
  const [name = '', direction] = (value || DEFAULT_SORT).split(':');
  const field = SORT_FIELDS.find((candidate) => candidate === name.toUpperCase()) ?? 'CREATED';
  return { field, direction: direction === 'desc' ? 'DESC' : 'ASC' };
}

/** Parses the state from the URL; invalid values count as absent. */
export function parseListState(query: LocationQuery): ListState {
  const unused = Number(text(query, 'unused'));
  const ranges = Object.fromEntries(
    RANGE_NAMES.map((name) => [
      name,
      { from: day(text(query, `${name}From`)), to: day(text(query, `${name}To`)) },
    ]),
  ) as ListState['ranges'];
  const status = text(query, 'status');
  return {
    search: text(query, 'q'),
    status: Object.hasOwn(STATUS_CHOICES, status) ? (status as StatusChoice) : 'all',
    environment: ENVIRONMENTS.find((name) => name === text(query, 'env').toUpperCase()) ?? '',
    permission: text(query, 'permission'),
    account: publicId(text(query, 'account')),
    within: publicId(text(query, 'within')),
    unusedForDays: Number.isInteger(unused) && unused > 0 && unused <= 3_650 ? unused : 0,
    ranges,
    sort: parseSort(text(query, 'sort')),
    after: text(query, 'after'),
    before: text(query, 'before'),
  };
}

/** The URL query of a state; never contains a pasted token. */
export function toQuery(state: ListState): LocationQueryRaw {
  const sort = `${state.sort.field}:${state.sort.direction}`.toLowerCase();
  const pairs: [string, string][] = [
    ['q', looksLikeToken(state.search) ? '' : state.search.trim()],
    ['status', state.status === 'all' ? '' : state.status],
    ['env', state.environment.toLowerCase()],
    ['permission', state.permission],
    ['account', state.account],
    ['within', state.within],
    ['unused', state.unusedForDays ? String(state.unusedForDays) : ''],
    ...RANGE_NAMES.flatMap((name): [string, string][] => [
      [`${name}From`, state.ranges[name].from],
      [`${name}To`, state.ranges[name].to],
    ]),
    ['sort', sort === DEFAULT_SORT ? '' : sort],
    ['after', state.after],
    ['before', state.before],
  ];
  return Object.fromEntries(pairs.filter(([, value]) => value !== ''));
}

function toRange({ from, to }: { from: string; to: string }): DateTimeRange | undefined {
  if (!from && !to) return undefined;
  return { from: from ? `${from}T00:00:00.000Z` : undefined, to: to ? `${to}T23:59:59.999Z` : undefined };
}

/** The filter to send to the server. */
export function toFilter(state: ListState): ApiKeyFilter {
  return {
    search: state.search.trim() || undefined,
    status: STATUS_CHOICES[state.status].statuses,
    environment: state.environment ? [state.environment] : undefined,
    permission: state.permission || undefined,
    serviceAccountId: state.account || undefined,
    withinScopeId: state.within || undefined,
    unusedForDays: state.unusedForDays || undefined,
    created: toRange(state.ranges.created),
    expires: toRange(state.ranges.expires),
    lastUsed: toRange(state.ranges.lastUsed),
  };
}

/** The query variables of one page of keys. */
export function toVariables(state: ListState, pageSize: number) {
  const sort: ApiKeySort = { ...state.sort };
  const page = state.before
    ? { last: pageSize, before: state.before }
    : { first: pageSize, after: state.after || undefined };
  return { filter: toFilter(state), sort, ...page };
}

/** The number of active filters, except the status, which the widgets show. */
export function countFilters(state: ListState): number {
  const ranges = RANGE_NAMES.filter((name) => state.ranges[name].from || state.ranges[name].to).length;
  return (
    ranges +
    [state.environment, state.permission, state.account, state.within, state.unusedForDays].filter(Boolean)
      .length
  );
}

/** The state without filters, keeping the sort order. */
export function withoutFilters(state: ListState): ListState {
  return { ...parseListState({}), sort: state.sort };
}
