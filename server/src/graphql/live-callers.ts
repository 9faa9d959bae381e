import type { Emitter } from '../core/events.js';
import { AppError } from '../core/errors.js';
import type { LiveCaller } from './live-caller.js';

const CHECK_INTERVAL_MS = 1000;

/**
 * The callers of all long-lived connections. Callers with a key are rechecked on every change, and every second because keys
 * expire, so that their connections end even when there are no events.
 */
export class LiveCallers {
  private readonly open = new Set<LiveCaller>();
  private timer: NodeJS.Timeout | undefined;

  /** @param changes Emits when keys or their permissions change. */
  constructor(changes: Pick<Emitter<unknown>, 'on'>) {
    changes.on(() => this.check());
  }

  /** Rechecks a caller until the returned function is called. */
  follow(caller: LiveCaller): () => void {
    if (!caller.isKey) return () => undefined;
    this.open.add(caller);
    this.timer ??= setInterval(() => this.check(), CHECK_INTERVAL_MS);
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
