import type { LocalMessage, LocalRequest } from './protocol.js';

/** Requests that are answered, without their id. */
type Asking<Request> = Request extends { readonly id: number } ? Omit<Request, 'id'> : never;
/** What an answer to a request may be. */
export type LocalAnswer = Extract<LocalMessage, { readonly id: number }>;

/** Most requests under way at a time, fewer than the server takes of one connection. */
const MAX_UNDER_WAY = 500;
/** Most requests that wait for others to be answered first. */
const MAX_QUEUED = 10_000;

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
  private readonly queued: LocalRequest[] = [];
  private underWay = 0;
  private lastId = 0;

  get open(): boolean {
    return this.send !== null;
  }

  /** Asks, and waits for the answer up to so many milliseconds. Error: {@link CallFailed}. */
  ask(request: Asking<LocalRequest>, timeoutMs: number): Promise<LocalAnswer> {
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

  /** Takes in an answer; one that nobody waits for any more is ignored. */
  settle(answer: LocalAnswer): void {
    this.underWay--;
    this.pump();
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
    this.underWay = 0;
    this.queued.length = 0;
    for (const { reject, timer } of this.waiting.values()) {
      clearTimeout(timer);
      reject(new CallFailed('LOST'));
    }
    this.waiting.clear();
  }

  private pump(): void {
    while (this.send && this.underWay < MAX_UNDER_WAY && this.queued.length > 0) {
      const request = this.queued.shift()!;
      if (!this.waiting.has((request as { readonly id: number }).id)) continue;
      this.underWay++;
      this.send(request);
    }
  }
}
