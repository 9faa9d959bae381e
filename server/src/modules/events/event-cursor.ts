import { badInput } from '../../core/errors.js';
import { readSnapshot } from '../../core/snapshot.js';

/**
 * Where following continues. IDs and times of events are not in the order of commits, so a cursor names what was read: all
 * events that the snapshot `seen` sees, and while a `round` of later ones is read, those up to a transaction and its event.
 */
export interface EventCursor {
  /** When it was made, in milliseconds since 1970. */
  readonly atMs: number;
  readonly seen: string;
  readonly round?: { readonly until: string; readonly xid: string; readonly seq: string };
}

const MAX_LENGTH = 16_384;
const NUMBER = /^\d{1,19}$/;
const VERSION = 1;

const faulty = (): Error =>
  badInput([{ path: 'after', message: 'This is no cursor of an event. Start again without it.' }]);

/** The text of a cursor, opaque to callers. */
export const encodeEventCursor = ({ atMs, seen, round }: EventCursor): string =>
  Buffer.from(
    JSON.stringify([VERSION, atMs, seen, ...(round ? [round.until, round.xid, round.seq] : [])]),
  ).toString('base64url');

/** Reads a cursor. Error: BAD_USER_INPUT. */
export function decodeEventCursor(text: string): EventCursor {
  if (text.length > MAX_LENGTH || !/^[A-Za-z0-9_-]+$/.test(text)) throw faulty();
  let values: unknown;
  try {
    values = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    throw faulty();
  }
  if (!Array.isArray(values)) throw faulty();
  const [version, atMs, seen, until, xid, seq, ...rest] = values as unknown[];
  const isSnapshot = (value: unknown): value is string =>
    typeof value === 'string' && readSnapshot(value) !== undefined;
  const isNumber = (value: unknown): value is string => typeof value === 'string' && NUMBER.test(value);
  if (version !== VERSION || !Number.isSafeInteger(atMs) || !isSnapshot(seen) || rest.length > 0)
    throw faulty();
  if (until === undefined) return { atMs: atMs as number, seen };
  if (!isSnapshot(until) || !isNumber(xid) || !isNumber(seq)) throw faulty();
  return { atMs: atMs as number, seen, round: { until, xid, seq } };
}
