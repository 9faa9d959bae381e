import { writeSync } from 'node:fs';

const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;
const RETRY_MS = 20;
const NEW_LINE = Buffer.from('\n');

/** Errors after which a retry can succeed. */
const BUSY = new Set(['EAGAIN', 'EBUSY', 'EINTR']);

/** Writes bytes to a file descriptor; returns how many were written. */
export type WriteBytes = (bytes: Uint8Array) => number;

/** Writes to standard output without ever blocking. */
export function writeToStdout(): WriteBytes {
  // Once the runtime has opened them, pipes and sockets do not block; writing fails if the reader is gone.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return (bytes) => writeSync(1, bytes);
}

/**
 * Destination of log lines. A line that cannot be written is dropped and counted: the process never waits for its log, never
 * exits because of it, and never logs a logging failure. A slow reader has a buffer of a few megabytes to catch up.
 */
export class LogDestination {
  /** Lines that were not written, or only in part. */
  dropped = 0;
  private buffered: Buffer[] = [];
  private bufferedBytes = 0;
  private retry: NodeJS.Timeout | undefined;
  /** Whether a line was partly written and its rest is buffered. */
  private partlyWritten = false;
  /** Whether the last line is incomplete, so that the next one needs a line break first. */
  private needsLineBreak = false;

  constructor(private readonly writeBytes: WriteBytes) {}

  /** Writes a line that includes its line break. */
  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.buffered.length === 0) this.finish(bytes, this.attempt(bytes));
    else if (this.bufferedBytes + bytes.length > MAX_BUFFERED_BYTES) this.dropped++;
    else this.buffer(bytes);
  }

  /** Writes as much of the buffer as is accepted immediately. */
  flush(): void {
    this.retry = undefined;
    const { buffered } = this;
    this.buffered = [];
    this.bufferedBytes = 0;
    for (const bytes of buffered) {
      if (this.buffered.length === 0) this.finish(bytes, this.attempt(bytes));
      else this.buffer(bytes);
    }
  }

  private finish(bytes: Buffer, written: number | null): void {
    if (written === null) this.dropped++;
    else if (written < bytes.length) this.buffer(bytes.subarray(written));
  }

  private buffer(bytes: Buffer): void {
    this.buffered.push(bytes);
    this.bufferedBytes += bytes.length;
    this.retry ??= setTimeout(() => this.flush(), RETRY_MS).unref();
  }

  /** Number of bytes written, if the rest can be retried; null if the line cannot be written. */
  private attempt(bytes: Buffer): number | null {
    let written = 0;
    try {
      if (this.needsLineBreak) this.writeBytes(NEW_LINE);
      this.needsLineBreak = false;
      while (written < bytes.length) written += this.writeBytes(bytes.subarray(written));
      this.partlyWritten = false;
      return written;
    } catch (error) {
      this.partlyWritten ||= written > 0;
      if (BUSY.has((error as NodeJS.ErrnoException).code ?? '')) return written;
      this.needsLineBreak ||= this.partlyWritten;
      this.partlyWritten = false;
      return null;
    }
  }
}
