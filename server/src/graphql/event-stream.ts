import { once } from 'node:events';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

const HEARTBEAT_INTERVAL_MS = 12_000;
const CUT_AFTER_MS = 500;
const COMMENT = ':\n\n';

/** Headers of an event stream. */
export const EVENT_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'x-accel-buffering': 'no',
} as const;

/** One result as an event ("next" of graphql-sse). */
export const nextEvent = (result: unknown): string => `event: next\ndata: ${JSON.stringify(result)}\n\n`;

/** The last event of every stream. */
export const COMPLETE_EVENT = 'event: complete\ndata:\n\n';

/** A stream of events, with comments in between so that proxies do not close it as idle. */
export class EventStream {
  private readonly heartbeat: NodeJS.Timeout;

  constructor(
    private readonly response: ServerResponse,
    headers: OutgoingHttpHeaders,
  ) {
    // A reader can leave at any moment, so a late write is not an error.
    response.on('error', () => undefined);
    response.writeHead(200, { ...headers, ...EVENT_HEADERS });
    response.write(COMMENT);
    this.heartbeat = setInterval(() => {
      if (this.open && !response.writableNeedDrain) response.write(COMMENT);
    }, HEARTBEAT_INTERVAL_MS);
    response.once('close', () => clearInterval(this.heartbeat));
  }

  private get open(): boolean {
    return !this.response.destroyed && !this.response.writableEnded;
  }

  /** Writes an event; waits for a slow reader, so that events do not pile up. False once the reader is gone. */
  async write(event: string): Promise<boolean> {
    if (!this.open) return false;
    if (this.response.write(event)) return true;
    const gone = new AbortController();
    this.response.once('close', () => gone.abort());
    await once(this.response, 'drain', { signal: gone.signal }).catch(() => undefined);
    return this.open;
  }

  /** Ends the stream, without waiting for a reader that has stopped reading. */
  cut(): void {
    this.end();
    setTimeout(() => this.response.destroy(), CUT_AFTER_MS).unref();
  }

  /** Ends the stream with `event`, if the reader is still there. */
  end(event = ''): void {
    clearInterval(this.heartbeat);
    if (this.open) this.response.end(event);
  }
}
