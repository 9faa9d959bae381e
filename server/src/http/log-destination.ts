import { writeSync } from 'node:fs';

const MAX_WAITING_BYTES = 4 * 1024 * 1024;
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
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private retry: NodeJS.Timeout | undefined;
  /** Whether a line was partly written and its rest is buffered. */
  private begun = false;
  /** Whether the last line is incomplete, so that the next one needs a line break first. */
  private broken = false;

  constructor(private readonly writeBytes: WriteBytes) {}

  /** Writes a line that includes its line break. */
  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.waiting.length === 0) this.finish(bytes, this.attempt(bytes));
    else if (this.waitingBytes + bytes.length > MAX_WAITING_BYTES) this.dropped++;
    else this.keep(bytes);
  }

  /** Writes as much of the buffer as is accepted immediately. */
  flush(): void {
    this.retry = undefined;
    const { waiting } = this;
    this.waiting = [];
    this.waitingBytes = 0;
    for (const bytes of waiting) {
      if (this.waiting.length === 0) this.finish(bytes, this.attempt(bytes));
      else this.keep(bytes);
    }
  }

  private finish(bytes: Buffer, taken: number | null): void {
    if (taken === null) this.dropped++;
    else if (taken < bytes.length) this.keep(bytes.subarray(taken));
  }

  private keep(bytes: Buffer): void {
    this.waiting.push(bytes);
    this.waitingBytes += bytes.length;
    this.retry ??= setTimeout(() => this.flush(), RETRY_MS).unref();
  }

  /** Number of bytes written, if the rest can be retried; null if the line cannot be written. */
  private attempt(bytes: Buffer): number | null {
    let taken = 0;
    try {
      if (this.broken) this.writeBytes(NEW_LINE);
      this.broken = false;
      while (taken < bytes.length) taken += this.writeBytes(bytes.subarray(taken));
      this.begun = false;
      return taken;
    } catch (error) {
      this.begun ||= taken > 0;
      if (BUSY.has((error as NodeJS.ErrnoException).code ?? '')) return taken;
      this.broken ||= this.begun;
      this.begun = false;
      return null;
    }
  }
}
