import { Emitter } from '../../core/events.js';
import { decodeLiveUsage, type LiveUsage } from './live-usage.js';

/** The usage of all processes as it is committed, from notifications. */
export class LiveUsageFeed {
  readonly committed = new Emitter<LiveUsage>();

  constructor(private readonly log: (message: string, error?: unknown) => void) {}

  /** Emits what a notification holds. */
  receive(payload: string): void {
    try {
      this.committed.emit(decodeLiveUsage(payload));
    } catch (error) {
      this.log('A usage notification could not be read.', error);
    }
  }
}
