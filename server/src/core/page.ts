import { AppError } from './errors.js';

/** Maximum page size of a list. */
export const MAX_PAGE_SIZE = 100;

/** Relay paging arguments, unchecked. */
export interface PageArgs {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/** A page to read: `limit` rows after the cursor, forwards or backwards. */
export interface PageRequest {
  readonly limit: number;
  readonly backwards: boolean;
  readonly cursor: readonly (string | number | null)[] | undefined;
}

/** One page of rows in display order, with their cursors. */
export interface Page<T> {
  readonly rows: readonly T[];
  readonly cursors: readonly string[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  /** Cursor of the next page, if it does not start after the last row. */
  readonly endCursor?: string;
}

const bad = (path: string, message: string): AppError =>
  new AppError('BAD_USER_INPUT', message, { fields: [{ path, message }] });

/** Encodes an opaque cursor; `list` names the list and its order, so that a cursor of another list is rejected. */
export const encodeCursor = (list: string, values: readonly (string | number | null)[]): string =>
  Buffer.from(JSON.stringify([list, ...values])).toString('base64url');

function decodeCursor(list: string, size: number, path: string, text: string): (string | number | null)[] {
  const refuse = bad(path, 'This cursor does not belong to this list and order. Start again without it.');
  if (text.length > 1000 || !/^[A-Za-z0-9_-]+$/.test(text)) throw refuse;
  let values: unknown;
  try {
    values = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    throw refuse;
  }
  if (!Array.isArray(values) || values.length !== size + 1 || values[0] !== list) throw refuse;
  const rest: unknown[] = values.slice(1);
  if (!rest.every((v) => v === null || typeof v === 'string' || Number.isFinite(v))) throw refuse;
  if (rest.some((v) => typeof v === 'string' && v.includes('\0'))) throw refuse;
  return rest as (string | number | null)[];
}

/** Checks paging arguments; errors: BAD_USER_INPUT for sizes outside 1 to 100, mixed directions, forged or foreign cursors. */
export function parsePage(args: PageArgs, list: string, cursorSize: number, defaultSize = 50): PageRequest {
  const backwards = args.last != null || args.before != null;
  if (backwards && (args.first != null || args.after != null)) {
    throw bad('last', 'Use first and after, or last and before, not both.');
  }
  const limit = (backwards ? args.last : args.first) ?? defaultSize;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_SIZE) {
    throw bad(backwards ? 'last' : 'first', `A page can have 1 to ${MAX_PAGE_SIZE} rows.`);
  }
  const text = backwards ? args.before : args.after;
  const cursor =
    text == null ? undefined : decodeCursor(list, cursorSize, backwards ? 'before' : 'after', text);
  return { limit, backwards, cursor };
}

/** Turns `limit + 1` rows, in the order they were read, into a page in display order. */
export function toPage<T>(request: PageRequest, read: readonly T[], cursorOf: (row: T) => string): Page<T> {
  const more = read.length > request.limit;
  const rows = read.slice(0, request.limit);
  if (request.backwards) rows.reverse();
  return {
    rows,
    cursors: rows.map(cursorOf),
    hasNextPage: request.backwards ? request.cursor !== undefined : more,
    hasPreviousPage: request.backwards ? more : request.cursor !== undefined,
  };
}
