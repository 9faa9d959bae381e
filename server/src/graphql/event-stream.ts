import { once } from 'node:events';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

const HEARTBEAT_MS = 12_000;
const CUT_AFTER_MS = 500;
const COMMENT = ':\n\n';

/** The headers of an answer that consists of events. */
export const EVENT_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'x-accel-buffering': 'no',
} as const;

/** One result as an event ("next" of graphql-sse). */
export const nextEvent = (result: unknown): string => `event: next\ndata: ${JSON.stringify(result)}\n\n`;

/** The last event of every stream. */
export const COMPLETE_EVENT = 'event: complete\ndata:\n\n';

/** An answer that goes on: events, and comments between them so that nobody on the way takes it for dead. */
export class EventStream {
  private readonly heartbeat: NodeJS.Timeout;

  constructor(
    private readonly response: ServerResponse,
    headers: OutgoingHttpHeaders,
  ) {
    // Whoever leaves does so at any moment; that a write came too late is no fault of ours.
    response.on('error', () => undefined);
    response.writeHead(200, { ...headers, ...EVENT_HEADERS });
    response.write(COMMENT);
    this.heartbeat = setInterval(() => {
      if (this.open && !response.writableNeedDrain) response.write(COMMENT);
    }, HEARTBEAT_MS);
    response.once('close', () => clearInterval(this.heartbeat));
  }

  private get open(): boolean {
    return !this.response.destroyed && !this.response.writableEnded;
  }

  /** Writes an event; waits while the reader is behind, so that nothing piles up here. False once the reader is gone. */
  async write(event: string): Promise<boolean> {
    if (!this.open) return false;
    if (this.response.write(event)) return true;
    const gone = new AbortController();
    this.response.once('close', () => gone.abort());
    await once(this.response, 'drain', { signal: gone.signal }).catch(() => undefined);
    return this.open;
  }

  /** Ends it at once; a reader that does not read on is not waited for. */
  cut(): void {
    this.end();
    setTimeout(() => this.response.destroy(), CUT_AFTER_MS).unref();
  }

  /** Writes nothing more; a reader that still listens gets `event` as the last one. */
  end(event = ''): void {
    clearInterval(this.heartbeat);
    if (this.open) this.response.end(event);
  }
}
