import { writeSync } from 'node:fs';

const MAX_WAITING_BYTES = 4 * 1024 * 1024;
const RETRY_MS = 20;
const NEW_LINE = Buffer.from('\n');

/** Faults after which the same bytes may be taken a moment later. */
const BUSY = new Set(['EAGAIN', 'EBUSY', 'EINTR']);

/** Writes bytes to a file descriptor; returns how many were taken. */
export type WriteBytes = (bytes: Uint8Array) => number;

/** Writes to standard output, which is never waited for. */
export function writeToStdout(): WriteBytes {
  // Opened by the runtime, a pipe or a socket does not block; a reader that went away is noticed when writing.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return (bytes) => writeSync(1, bytes);
}

/**
 * Where the lines of the log go. A line that cannot be written is dropped and counted: the process neither waits for its log
 * nor ends because of it, and logs no failure of logging. A reader that is slow gets a few megabytes to catch up.
 */
export class LogDestination {
  /** Lines that were not written, or not to their end. */
  dropped = 0;
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private retry: NodeJS.Timeout | undefined;
  /** Whether a line was written in part and goes on with what waits. */
  private begun = false;
  /** Whether the last line broke off, so that the next must not continue it. */
  private broken = false;

  constructor(private readonly writeBytes: WriteBytes) {}

  /** Takes a line with its end. */
  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.waiting.length === 0) this.finish(bytes, this.attempt(bytes));
    else if (this.waitingBytes + bytes.length > MAX_WAITING_BYTES) this.dropped++;
    else this.keep(bytes);
  }

  /** Writes what waits, as far as it is taken at once. */
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

  /** How many bytes were taken, when the rest may be taken later; null when this line cannot be written. */
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
