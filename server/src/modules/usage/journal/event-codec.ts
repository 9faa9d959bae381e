import { VERDICT_CODES, type VerdictCode } from '@keywright/schema/verdicts';
import { ENVIRONMENTS, type Environment } from '@keywright/schema/environment';
import type { RowDetails } from '../usage-event.js';

/** Marks an event as part of a batch that a local verifier counted: however often the batch is sent, it counts once. */
export interface Reported {
  /** A lowercase UUID. */
  readonly batchId: string;
  /** Whether this event starts one sending of the batch; the others follow immediately. */
  readonly first: boolean;
  /** Number of verifications that it represents. */
  readonly count: number;
}

/** One verification, or a use of a key at Keywright itself, as stored in the journal. */
export interface JournalEvent {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** Empty if no key was proven. */
  readonly apiKeyId: string;
  /** Updates last-used, and counts nothing but {@link uses}. */
  readonly touch: boolean;
  /** Number of calls to Keywright itself; only if `touch` is true, and absent for none. */
  readonly uses?: number;
  readonly environment: Environment;
  readonly code: VerdictCode;
  readonly usedPreviousSecret: boolean;
  /** Units charged to quotas and long windows; 0 if the key has none, negative if some were returned. */
  readonly units: number;
  /** Absent for events of this process. */
  readonly reported?: Reported;
  /** For the request log; null if the row was omitted. */
  readonly row: RowDetails | null;
}

/** How much an event counts: verifications, or calls of a key to Keywright itself. */
export const countOf = ({ touch, uses, reported }: Omit<JournalEvent, 'row'>): number =>
  touch ? (uses ?? 0) : (reported?.count ?? 1);

/** What the numbers in a segment mean; each segment starts with it, so that newer versions can read older ones. */
export interface Legend {
  readonly codes: readonly VerdictCode[];
  readonly environments: readonly Environment[];
}

/** The legend of this version. */
export const LEGEND: Legend = { codes: VERDICT_CODES, environments: ENVIRONMENTS };

const CODE_INDEX = new Map(VERDICT_CODES.map((code, i) => [code, i]));
const ENVIRONMENT_INDEX = new Map(ENVIRONMENTS.map((name, i) => [name, i]));
const TOUCH = 1;
const PREVIOUS_SECRET = 2;
const HAS_ROW = 4;
const REPORTED = 8;
const FIRST_REPORTED = 16;
/** flags, environment, code, length of the id, time, units. */
const HEAD_BYTES = 16;
const UUID_BYTES = 16;
/** The id of the batch, and the count. */
const REPORTED_BYTES = UUID_BYTES + 4;
const MAX_USES_BYTES = 32;

/** Maximum size of an event without a row, in bytes. */
export const MAX_PLAIN_EVENT_BYTES = HEAD_BYTES + 255 + REPORTED_BYTES + MAX_USES_BYTES;

/** Size of an event in bytes. */
export const eventBytes = (
  { apiKeyId, reported }: Omit<JournalEvent, 'row'>,
  rowText: string | null,
): number =>
  HEAD_BYTES +
  apiKeyId.length +
  (reported ? REPORTED_BYTES : 0) +
  (rowText === null ? 0 : 4 + Buffer.byteLength(rowText));

/**
 * Writes an event at an offset; returns the offset after it. The buffer must have room: {@link MAX_PLAIN_EVENT_BYTES}
 * and four bytes for each character of `rowText`.
 */
export function encodeEvent(
  buffer: Buffer,
  offset: number,
  event: Omit<JournalEvent, 'row'>,
  rowText: string | null,
): number {
  // In a place that an older version, which does not count such uses, skips.
  const text = event.uses === undefined ? rowText : `{"uses":${event.uses}}`;
  buffer[offset] =
    (event.touch ? TOUCH : 0) |
    (event.usedPreviousSecret ? PREVIOUS_SECRET : 0) |
    (text === null ? 0 : HAS_ROW) |
    (event.reported === undefined ? 0 : event.reported.first ? REPORTED | FIRST_REPORTED : REPORTED);
  buffer[offset + 1] = ENVIRONMENT_INDEX.get(event.environment)!;
  buffer[offset + 2] = CODE_INDEX.get(event.code)!;
  buffer[offset + 3] = event.apiKeyId.length;
  buffer.writeDoubleLE(event.atMs, offset + 4);
  buffer.writeInt32LE(event.units, offset + 12);
  let end = offset + HEAD_BYTES;
  const { apiKeyId } = event;
  // A short text is written faster here than by Node.
  for (let i = 0; i < apiKeyId.length; i++) buffer[end++] = apiKeyId.charCodeAt(i);
  if (event.reported !== undefined) {
    buffer.write(event.reported.batchId.replaceAll('-', ''), end, 'hex');
    buffer.writeUInt32LE(event.reported.count, end + UUID_BYTES);
    end += REPORTED_BYTES;
  }
  if (text !== null) {
    const bytes = buffer.write(text, end + 4, 'utf8');
    buffer.writeUInt32LE(bytes, end);
    end += 4 + bytes;
  }
  return end;
}

function readReported(bytes: Buffer, offset: number, flags: number): Reported {
  const hex = bytes.toString('hex', offset, offset + UUID_BYTES);
  return {
    batchId: hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    first: (flags & FIRST_REPORTED) !== 0,
    count: bytes.readUInt32LE(offset + UUID_BYTES),
  };
}

/** Reads the events of one frame. Error: RangeError for bytes that no frame contains. */
export function decodeEvents(bytes: Buffer, legend: Legend): JournalEvent[] {
  const events: JournalEvent[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const flags = bytes.readUInt8(offset);
    const idEnd = offset + HEAD_BYTES + bytes.readUInt8(offset + 3);
    const reported = flags & REPORTED ? readReported(bytes, idEnd, flags) : undefined;
    let end = reported ? idEnd + REPORTED_BYTES : idEnd;
    const touch = (flags & TOUCH) !== 0;
    let row: RowDetails | null = null;
    let uses: number | undefined;
    if (flags & HAS_ROW) {
      const start = end + 4;
      end = start + bytes.readUInt32LE(end);
      const read = JSON.parse(bytes.toString('utf8', start, end)) as RowDetails & { uses?: number };
      if (touch && typeof read.uses === 'number') ({ uses } = read);
      else row = read;
    }
    const event = {
      atMs: bytes.readDoubleLE(offset + 4),
      apiKeyId: bytes.toString('latin1', offset + HEAD_BYTES, idEnd),
      touch,
      environment: legend.environments[bytes.readUInt8(offset + 1)]!,
      code: legend.codes[bytes.readUInt8(offset + 2)]!,
      usedPreviousSecret: (flags & PREVIOUS_SECRET) !== 0,
      units: bytes.readInt32LE(offset + 12),
      row,
    };
    // A spread in the object above would cost as much as the rest of it, and few events have one of these.
    if (uses !== undefined) events.push({ ...event, uses });
    else events.push(reported ? { ...event, reported } : event);
    offset = end;
  }
  return events;
}
