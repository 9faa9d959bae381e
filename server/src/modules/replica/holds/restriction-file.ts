import { closeSync, fdatasync, fdatasyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { frameOf, readFrame } from '../../usage/journal/frame.js';

/** Minimum size for a rewrite, once most of the file is obsolete. */
const MIN_REWRITE_BYTES = 1024 * 1024;
/** Pause after a disk error. */
const RETRY_MS = 10_000;
/** Lines per frame. */
const MAX_LINES = 500;

/**
 * An append-only file of checksummed frames that is occasionally rewritten as a new file. Frames left incomplete by a
 * kill are cut off. Writes reach the operating system immediately, so that they survive the process, and the disk
 * soon after. After a disk error, everything is rewritten once the disk accepts writes again.
 */
export class RestrictionFile {
  private file: number | undefined;
  private bytes = 0;
  private rewrittenBytes = 0;
  /** When a write failed, after which the file can end in a partial frame; undefined if it is intact. */
  private failedAtMs: number | undefined;
  private syncing = false;
  private unsynced = false;

  private constructor(
    private readonly path: string,
    private readonly log: (message: string, error?: unknown) => void,
  ) {}

  /** Opens the file of an installation; returns its lines, oldest first. */
  static async open(
    dataDir: string,
    installationId: string,
    log: (message: string, error?: unknown) => void,
  ): Promise<{ file: RestrictionFile; lines: unknown[] }> {
    const directory = join(dataDir, 'revocations');
    const file = new RestrictionFile(join(directory, installationId), log);
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      return { file, lines: file.read() };
    } catch (error) {
      file.fail(error);
      file.setAside();
      return { file, lines: [] };
    }
  }

  /** Whether the file should be rewritten. */
  get wantsRewrite(): boolean {
    if (this.failedAtMs !== undefined) return performance.now() - this.failedAtMs > RETRY_MS;
    return this.bytes > Math.max(MIN_REWRITE_BYTES, 2 * this.rewrittenBytes);
  }

  /** Appends lines; logs a disk error once, and nobody waits for the disk. */
  append(lines: readonly unknown[]): void {
    if (this.file === undefined || this.failedAtMs !== undefined || lines.length === 0) return;
    try {
      this.bytes += writeFrames(this.file, lines);
      this.sync();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Replaces the whole content atomically. */
  rewrite(lines: readonly unknown[]): void {
    const temporary = `${this.path}.new`;
    let file: number | undefined;
    try {
      file = openSync(temporary, 'w', 0o600);
      const bytes = writeFrames(file, lines);
      fdatasyncSync(file);
      renameSync(temporary, this.path);
      this.close();
      this.file = file;
      this.bytes = bytes;
      this.rewrittenBytes = bytes;
      this.failedAtMs = undefined;
    } catch (error) {
      if (file !== undefined) closeSync(file);
      this.fail(error);
    }
  }

  /** Stops writing. */
  close(): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
  }

  private read(): unknown[] {
    let content: Buffer;
    try {
      content = readFileSync(this.path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    const lines: unknown[] = [];
    for (let offset = 0; offset < content.length;) {
      const framed = readFrame(content, offset);
      if (framed === 'broken' || 'wanted' in framed) break;
      lines.push(...(JSON.parse(framed.payload.toString('utf8')) as unknown[]));
      offset = framed.end;
    }
    return lines;
  }

  /** Flushes writes to disk off this thread; one flush covers everything written meanwhile. */
  private sync(): void {
    this.unsynced = this.syncing;
    if (this.syncing || this.file === undefined) return;
    this.syncing = true;
    fdatasync(this.file, () => {
      this.syncing = false;
      if (this.unsynced) this.sync();
    });
  }

  /** Sets an unreadable file aside instead of overwriting it. */
  private setAside(): void {
    try {
      renameSync(this.path, `${this.path}.unread`);
    } catch {
      // It does not exist, or the folder is not writable, which the next write reports.
    }
  }

  private fail(error: unknown): void {
    const isKnown = this.failedAtMs !== undefined;
    this.failedAtMs = performance.now();
    if (isKnown) return;
    this.log(
      `Revocations cannot be recorded in ${this.path}: if the database is restored, this process will not remember them after a restart.`,
      error,
    );
  }
}

function writeFrames(file: number, lines: readonly unknown[]): number {
  let bytes = 0;
  for (let i = 0; i < lines.length; i += MAX_LINES) {
    const frame = frameOf(Buffer.from(JSON.stringify(lines.slice(i, i + MAX_LINES))));
    // A partial frame must end the file: nothing after it would be read.
    for (let at = 0; at < frame.length;) at += writeSync(file, frame, at);
    bytes += frame.length;
  }
  return bytes;
}
