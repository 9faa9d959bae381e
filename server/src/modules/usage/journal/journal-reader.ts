import { open, type FileHandle } from 'node:fs/promises';
import type { Position } from './counters.js';
import { decodeEvents, type JournalEvent, type Legend } from './event-codec.js';
import { MAX_FRAME_BYTES, readFrame } from './frame.js';
import { listSegments, segmentPath } from './segments.js';

/** Bytes per read: about 10 ms of work. */
const CHUNK_BYTES = 256 * 1024;

/** How far a read got. */
export interface Reading {
  /** Up to where events were read, or given up. */
  readonly end: Position;
  /** Bytes passed, readable or not. */
  readonly bytes: number;
  /** Bytes without a complete frame: writes that were in progress when a process or a disk failed. */
  readonly lostBytes: number;
}

interface OpenSegment {
  readonly number: number;
  readonly file: FileHandle;
  /** Undefined if its start is damaged, so that nothing in it can be read. */
  readonly legend: Legend | undefined;
}

const isBefore = (a: Position, b: Position): boolean =>
  a.segment < b.segment || (a.segment === b.segment && a.offset < b.offset);

/** Reads the journal from a position on, across its segments. */
export class JournalReader {
  private current: OpenSegment | undefined;
  private chunk = Buffer.alloc(CHUNK_BYTES);

  constructor(
    private readonly directory: string,
    /** Called between the chunks of a read. */
    private readonly rest: () => Promise<void>,
  ) {}

  /** Passes on every event from `start` up to `written`, at most about `maxBytes` of them, and from one segment only. */
  async read(
    start: Position,
    written: Position,
    maxBytes: number,
    onEvent: (event: JournalEvent) => void,
  ): Promise<Reading> {
    let at = start;
    let bytes = 0;
    let lostBytes = 0;
    while (bytes < maxBytes && isBefore(at, written)) {
      const segment = await this.openAt(at.segment);
      const live = at.segment === written.segment;
      if (!segment && live) {
        const lost = written.offset - at.offset;
        return { end: written, bytes: bytes + lost, lostBytes: lostBytes + lost };
      }
      if (segment) {
        const limit = live ? written.offset : (await segment.file.stat()).size;
        const reached = await this.readSegment(segment, at.offset, limit, maxBytes - bytes, onEvent);
        bytes += reached.offset - at.offset + reached.lost;
        lostBytes += reached.lost;
        at = { segment: at.segment, offset: reached.offset + reached.lost };
        if (live || at.offset < limit) continue;
      }
      at = { segment: await this.segmentAfter(at.segment, written.segment), offset: 0 };
      // Counts are kept per segment, which may be gone by the time they are needed.
      if (bytes > 0) break;
    }
    return { end: at, bytes, lostBytes };
  }

  /** Closes the open file. */
  async close(): Promise<void> {
    await this.current?.file.close();
    this.current = undefined;
  }

  private async readSegment(
    { file, legend }: OpenSegment,
    from: number,
    limit: number,
    maxBytes: number,
    onEvent: (event: JournalEvent) => void,
  ): Promise<{ offset: number; lost: number }> {
    let offset = from;
    let wanted = CHUNK_BYTES;
    while (offset < limit && offset - from < maxBytes) {
      const chunk = await this.fill(file, offset, Math.min(wanted, limit - offset));
      wanted = CHUNK_BYTES;
      await this.rest();
      let inChunk = 0;
      for (;;) {
        const framed = readFrame(chunk, inChunk);
        if (framed === 'broken' || !legend) return { offset, lost: limit - offset };
        if ('wanted' in framed) {
          if (inChunk > 0) break;
          if (framed.wanted > limit - offset) return { offset, lost: limit - offset };
          wanted = framed.wanted;
          break;
        }
        // The first frame of a segment is its legend. A frame is read entirely or not at all.
        if (offset > 0) for (const event of decodeEvents(framed.payload, legend)) onEvent(event);
        offset += framed.end - inChunk;
        inChunk = framed.end;
      }
    }
    return { offset, lost: 0 };
  }

  private async fill(file: FileHandle, offset: number, bytes: number): Promise<Buffer> {
    if (this.chunk.length < bytes) this.chunk = Buffer.alloc(Math.min(bytes, MAX_FRAME_BYTES + CHUNK_BYTES));
    const { bytesRead } = await file.read(this.chunk, 0, bytes, offset);
    return this.chunk.subarray(0, bytesRead);
  }

  private async openAt(number: number): Promise<OpenSegment | undefined> {
    if (this.current?.number === number) return this.current;
    await this.close();
    const file = await open(segmentPath(this.directory, number)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (!file) return undefined;
    this.current = { number, file, legend: await this.legendOf(file) };
    return this.current;
  }

  private async legendOf(file: FileHandle): Promise<Legend | undefined> {
    const framed = readFrame(await this.fill(file, 0, CHUNK_BYTES), 0);
    return framed === 'broken' || 'wanted' in framed
      ? undefined
      : (JSON.parse(framed.payload.toString('utf8')) as Legend);
  }

  /** The next existing segment; some can be missing after a restore of a database that had read less. */
  private async segmentAfter(number: number, last: number): Promise<number> {
    if (number + 1 === last) return last;
    const later = (await listSegments(this.directory)).find((segment) => segment.number > number);
    return Math.min(later?.number ?? last, last);
  }
}
