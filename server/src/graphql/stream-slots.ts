import { AppError } from '../core/errors.js';

/** Most streams that one caller may hold open on this node. */
const MAX_STREAMS = 20;

/** Counts the streams that each caller holds open. */
export class StreamSlots {
  private readonly taken = new Map<string, number>();

  /** Takes a slot; the returned function gives it back. Error: TOO_MANY_ATTEMPTS when the caller has no more. */
  take(caller: string): () => void {
    const streams = this.taken.get(caller) ?? 0;
    if (streams >= MAX_STREAMS) {
      throw new AppError('TOO_MANY_ATTEMPTS', `At most ${MAX_STREAMS} streams may be open.`, {
        retryAfterSeconds: 10,
      });
    }
    this.taken.set(caller, streams + 1);
    return () => {
      const left = (this.taken.get(caller) ?? 1) - 1;
      if (left > 0) this.taken.set(caller, left);
      else this.taken.delete(caller);
    };
  }
}
