import type { ExecutionResult } from 'graphql';
import { GraphQLError } from 'graphql';
import type { LiveCaller } from './live-caller.js';

/**
 * The events of a subscription, delivered only while its caller is authorized; the last one says why the subscription ends.
 * Not a generator, because `return` must reach the source immediately, even while `next` waits for an event.
 */
export class GuardedEvents implements AsyncIterableIterator<ExecutionResult> {
  private ended = false;
  /** Why the caller is no longer authorized. */
  private refusal: Error | null = null;
  /** Aborts the wait for the next event. */
  private refuse: (error: Error) => void = () => undefined;
  private readonly unfollow: () => void;

  constructor(
    private readonly source: AsyncIterator<ExecutionResult>,
    private readonly caller: LiveCaller,
    private readonly onEnd: () => void = () => undefined,
  ) {
    this.unfollow = caller.onEnd((error) => {
      this.refusal = error;
      this.refuse(error);
    });
  }

  async next(): Promise<IteratorResult<ExecutionResult>> {
    if (this.ended) return { value: undefined, done: true };
    try {
      const event = await this.nextUnlessRefused();
      if (event.done) this.end();
      else await this.caller.requireLive();
      return event;
    } catch (error) {
      this.return().catch(() => undefined);
      return { value: { errors: [asGraphQLError(error)] }, done: false };
    }
  }

  async return(): Promise<IteratorResult<ExecutionResult>> {
    this.end();
    await this.source.return?.();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next event, or the refusal, even if the source keeps waiting. */
  private nextUnlessRefused(): Promise<IteratorResult<ExecutionResult>> {
    return new Promise((resolve, reject) => {
      if (this.refusal) return reject(this.refusal);
      this.refuse = reject;
      this.source.next().then(resolve, reject);
    });
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    this.unfollow();
    this.onEnd();
  }
}

/** Wraps a thrown error in a GraphQL error. */
export const asGraphQLError = (error: unknown): GraphQLError =>
  error instanceof GraphQLError
    ? error
    : new GraphQLError((error as Error).message, { originalError: error as Error });
