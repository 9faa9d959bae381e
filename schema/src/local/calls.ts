import type { LocalMessage, LocalRequest } from './protocol.js';

/** Requests that expect an answer, without their id. */
type WithoutId<Request> = Request extends { readonly id: number } ? Omit<Request, 'id'> : never;
/** Any answer to a request. */
export type LocalAnswer = Extract<LocalMessage, { readonly id: number }>;

/** Max requests in flight; below the server's limit per connection. */
const MAX_IN_FLIGHT = 500;
/** Max requests waiting to be sent. */
const MAX_QUEUED = 10_000;

/** A request without a result: the server answered with a failure, or the connection was LOST. */
export class CallFailed extends Error {
  constructor(
    readonly code: Extract<LocalMessage, { readonly type: 'failed' }>['code'] | 'LOST',
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(`The request failed: ${code}`);
  }
}

interface Waiting {
  readonly resolve: (answer: LocalAnswer) => void;
  readonly reject: (error: CallFailed) => void;
  readonly timer: NodeJS.Timeout;
}

/** Sends requests to the server and matches the answers to them. */
export class Calls {
  /** Sends a message on the current connection; null if there is none. */
  send: ((message: LocalRequest) => void) | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private readonly queued: LocalRequest[] = [];
  private inFlight = 0;
  private lastId = 0;

  get open(): boolean {
    return this.send !== null;
  }

  /** Sends a request and waits up to `timeoutMs` for its answer. Error: {@link CallFailed}. */
  ask(request: WithoutId<LocalRequest>, timeoutMs: number): Promise<LocalAnswer> {
    if (!this.send) return Promise.reject(new CallFailed('LOST'));
    if (this.queued.length >= MAX_QUEUED) return Promise.reject(new CallFailed('UNAVAILABLE', 1));
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        reject(new CallFailed('UNAVAILABLE'));
      }, timeoutMs);
      this.waiting.set(id, { resolve, reject, timer });
      this.queued.push({ ...request, id } as LocalRequest);
      this.pump();
    });
  }

  /** Handles an answer; ignores it if its request has timed out. */
  settle(answer: LocalAnswer): void {
    this.inFlight--;
    this.pump();
    const waiting = this.waiting.get(answer.id);
    if (!waiting) return;
    this.waiting.delete(answer.id);
    clearTimeout(waiting.timer);
    if (answer.type === 'failed') waiting.reject(new CallFailed(answer.code, answer.retryAfterSeconds));
    else waiting.resolve(answer);
  }

  /** Fails all requests after the connection is lost. */
  loseAll(): void {
    this.send = null;
    this.inFlight = 0;
    this.queued.length = 0;
    for (const { reject, timer } of this.waiting.values()) {
      clearTimeout(timer);
      reject(new CallFailed('LOST'));
    }
    this.waiting.clear();
  }

  private pump(): void {
    while (this.send && this.inFlight < MAX_IN_FLIGHT && this.queued.length > 0) {
      const request = this.queued.shift()!;
      if (!this.waiting.has((request as { readonly id: number }).id)) continue;
      this.inFlight++;
      this.send(request);
    }
  }
}
