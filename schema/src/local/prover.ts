import type { Environment } from '../verification/environment.js';
import { CallFailed, type Calls } from './calls.js';
import type { TokenCache } from './token-cache.js';
import type { LocalFacts, LocalMessage, LocalQuestion } from './protocol.js';

/** The server's rejection of a token. */
export type Refused = Extract<LocalMessage, { readonly type: 'refused' }>;

/** A token to prove, with what the server needs to judge and log it. */
export interface PresentedToken {
  readonly digest: string;
  readonly token: string;
  readonly question: LocalQuestion;
  readonly environment: Environment;
  readonly facts: LocalFacts;
}

interface Pending {
  readonly promise: Promise<Refused | undefined>;
  /** The epoch in which the request was sent. */
  readonly epoch: number;
}

/** Has the server prove tokens, with one request per token at a time, and caches the proven ones. */
export class Prover {
  private readonly pending = new Map<string, Pending>();
  private epoch = 0;
  /** Epoch of the last invalidation; answers to older requests are not shared with later callers. */
  private lastForgetAt = 0;
  private inFlight = 0;
  private allForgottenAt = 0;
  private readonly forgottenAt = new Map<string, number>();

  constructor(
    private readonly cache: TokenCache,
    private readonly calls: Calls,
    /** Called with the keys that were evicted for others. */
    private readonly onEvicted: (keyIds: string[]) => void,
  ) {}

  /** Removes these keys from the cache, and ignores answers about them to requests already in flight. */
  forget(keyIds: readonly string[] | 'ALL'): void {
    this.lastForgetAt = ++this.epoch;
    if (keyIds === 'ALL') {
      this.allForgottenAt = this.epoch;
      this.cache.clear();
      return;
    }
    for (const keyId of keyIds) {
      if (this.inFlight > 0) this.forgottenAt.set(keyId, this.epoch);
      this.cache.forget(keyId);
    }
  }

  /**
   * Has a token proven; undefined if it was proven, even if its key has changed since. Concurrent callers share the answer, unless
   * it is a rejection, which counts for each of them, or a key was invalidated since. Error: CallFailed.
   */
  async prove(presented: PresentedToken, timeoutMs: number): Promise<Refused | undefined> {
    const { digest } = presented;
    const shared = this.pending.get(digest);
    if (shared && shared.epoch >= this.lastForgetAt) {
      const refused = await shared.promise;
      return refused ? this.ask(presented, timeoutMs) : undefined;
    }
    const pending = { promise: this.ask(presented, timeoutMs), epoch: this.epoch };
    this.pending.set(digest, pending);
    try {
      return await pending.promise;
    } finally {
      if (this.pending.get(digest) === pending) this.pending.delete(digest);
    }
  }

  private async ask(presented: PresentedToken, timeoutMs: number): Promise<Refused | undefined> {
    const { digest, token, question, environment, facts } = presented;
    const { epoch } = this;
    this.inFlight++;
    try {
      const answer = await this.calls.ask({ type: 'prove', token, question, environment, facts }, timeoutMs);
      if (answer.type === 'refused') return answer;
      if (answer.type !== 'proved') throw new CallFailed('UNAVAILABLE');
      const { key, judgement } = answer;
      const overtaken = this.allForgottenAt > epoch || (this.forgottenAt.get(key.keyId) ?? 0) > epoch;
      if (overtaken) return undefined;
      const evicted = this.cache.add(digest, token, key);
      this.cache.findKey(key.keyId)?.judgements.add(question, judgement);
      if (evicted.length > 0) this.evict(evicted);
      return undefined;
    } finally {
      if (--this.inFlight === 0) this.forgottenAt.clear();
    }
  }

  /** Notifies the server immediately, so that it answers later requests knowing that these keys are no longer cached. */
  evict(keyIds: string[]): void {
    this.epoch++;
    if (this.inFlight > 0) for (const keyId of keyIds) this.forgottenAt.set(keyId, this.epoch);
    this.onEvicted(keyIds);
  }
}
