import type { Emitter } from '../core/events.js';
import { AppError } from '../core/errors.js';
import type { LiveCaller } from './live-caller.js';

const CHECK_EVERY_MS = 1000;

/**
 * The callers of everything that is open. Those that came with a key are looked at again whenever something changes, and each
 * second for what time changes: their connections end then, also when there is nothing to tell them.
 */
export class LiveCallers {
  private readonly open = new Set<LiveCaller>();
  private timer: NodeJS.Timeout | undefined;

  /** @param changes Emits when keys, or what they may do, have changed. */
  constructor(changes: Pick<Emitter<unknown>, 'on'>) {
    changes.on(() => this.check());
  }

  /** Watches a caller until the returned function is called. */
  follow(caller: LiveCaller): () => void {
    if (!caller.isKey) return () => undefined;
    this.open.add(caller);
    this.timer ??= setInterval(() => this.check(), CHECK_EVERY_MS);
    this.timer.unref();
    return () => {
      this.open.delete(caller);
      if (this.open.size > 0) return;
      clearInterval(this.timer);
      this.timer = undefined;
    };
  }

  private check(): void {
    for (const caller of this.open) {
      caller.requireLive().catch((error: unknown) => {
        if (error instanceof AppError && error.code === 'UNAUTHENTICATED') caller.end(error);
      });
    }
  }
}
