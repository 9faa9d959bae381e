import type { ApiKeySortField } from '../../gql/graphql.js';

/** The columns of the keys table after the name, which always comes first. */
export const COLUMNS = {
  status: { label: 'Status' },
  keyId: { label: 'Key ID' },
  secret: { label: 'Key' },
  kind: { label: 'Kind', hidden: true },
  environment: { label: 'Environment' },
  permissions: { label: 'Permissions' },
  usage: { label: 'Usage', sort: 'USAGE' },
  lastUsed: { label: 'Last used', sort: 'LAST_USED' },
  createdBy: { label: 'Created by', sort: 'CREATED_BY', hidden: true },
  modified: { label: 'Modified', sort: 'MODIFIED', hidden: true },
  expires: { label: 'Expires', sort: 'EXPIRES' },
  serviceAccount: { label: 'Service account' },
  scope: { label: 'Scope', hidden: true },
  created: { label: 'Created', sort: 'CREATED' },
  rateLimits: { label: 'Rate limits' },
} as const satisfies Record<string, { label: string; sort?: ApiKeySortField; hidden?: boolean }>;

export type ColumnId = keyof typeof COLUMNS;
/** Row density. */
export type Density = 'comfortable' | 'compact';

/** A user's layout of the keys table, stored in their preferences on the server. */
export interface TableLayout {
  columns: { id: ColumnId; visible: boolean }[];
  density: Density;
}

/** The sort field of a column, if sortable. */
export function sortFieldOf(id: ColumnId): ApiKeySortField | undefined {
  const column = COLUMNS[id];
  return 'sort' in column ? column.sort : undefined;
}

/** The default layout. */
export function defaultLayout(): TableLayout {
  const columns = (Object.keys(COLUMNS) as ColumnId[]).map((id) => ({
    id,
    visible: !('hidden' in COLUMNS[id]),
  }));
  return { columns, density: 'comfortable' };
}

/** Reads a stored layout: drops unknown columns and appends new ones. */
export function parseLayout(kept: unknown): TableLayout {
  const fallback = defaultLayout();
  const { columns, density } = (kept ?? {}) as { columns?: unknown; density?: unknown };
  if (!Array.isArray(columns)) return fallback;
  const known = new Map(fallback.columns.map((column) => [column.id, column]));
  const ordered: TableLayout['columns'] = [];
  for (const column of columns as { id?: ColumnId; visible?: unknown }[]) {
    if (!column?.id || !known.delete(column.id)) continue;
    ordered.push({ id: column.id, visible: column.visible === true });
  }
  return {
    columns: [...ordered, ...known.values()],
    density: density === 'compact' ? 'compact' : 'comfortable',
  };
}

/** The layout with one column moved. */
export function moveColumn(layout: TableLayout, id: ColumnId, to: number): TableLayout {
  const columns = layout.columns.filter((column) => column.id !== id);
  const moved = layout.columns.find((column) => column.id === id);
  if (!moved) return layout;
  columns.splice(Math.max(0, Math.min(to, columns.length)), 0, moved);
  return { ...layout, columns };
}

/** The layout without a column that the user cannot see any data in. */
export function withoutColumn(layout: TableLayout, id: ColumnId): TableLayout {
  return { ...layout, columns: layout.columns.filter((column) => column.id !== id) };
}
