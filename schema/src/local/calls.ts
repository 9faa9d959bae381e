import type { LocalMessage, LocalRequest } from './protocol.js';

/** Requests that are answered, without their id. */
type Asking<Request> = Request extends { readonly id: number } ? Omit<Request, 'id'> : never;
/** What an answer to a request may be. */
export type LocalAnswer = Extract<LocalMessage, { readonly id: number }>;

/** Most requests that wait for their answers at a time. */
const MAX_WAITING = 10_000;

/** A request that was not answered: it failed, as the server says, or the connection was LOST. */
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

/** Requests to the server and their answers. */
export class Calls {
  /** Sends a message on the connection that there is; null when there is none. */
  send: ((message: LocalRequest) => void) | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;

  get open(): boolean {
    return this.send !== null;
  }

  /** Asks, and waits for the answer up to so many milliseconds. Error: {@link CallFailed}. */
  ask(request: Asking<LocalRequest>, timeoutMs: number): Promise<LocalAnswer> {
    const { send } = this;
    if (!send) return Promise.reject(new CallFailed('LOST'));
    if (this.waiting.size >= MAX_WAITING) return Promise.reject(new CallFailed('UNAVAILABLE', 1));
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        reject(new CallFailed('UNAVAILABLE'));
      }, timeoutMs);
      this.waiting.set(id, { resolve, reject, timer });
      send({ ...request, id } as LocalRequest);
    });
  }

  /** Takes in an answer; one that nobody waits for any more is ignored. */
  settle(answer: LocalAnswer): void {
    const waiting = this.waiting.get(answer.id);
    if (!waiting) return;
    this.waiting.delete(answer.id);
    clearTimeout(waiting.timer);
    if (answer.type === 'failed') waiting.reject(new CallFailed(answer.code, answer.retryAfterSeconds));
    else waiting.resolve(answer);
  }

  /** The connection is gone, and with it every answer. */
  loseAll(): void {
    this.send = null;
    for (const { reject, timer } of this.waiting.values()) {
      clearTimeout(timer);
      reject(new CallFailed('LOST'));
    }
    this.waiting.clear();
  }
}
