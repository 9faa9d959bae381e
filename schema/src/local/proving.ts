import { CallFailed, type Calls } from './calls.js';
import type { Memory } from './memory.js';
import type { LocalFacts, LocalEnvironment, LocalMessage, LocalQuestion } from './protocol.js';

/** What the server said to a token: that it is refused, or nothing more when it is remembered now, or was until a moment ago. */
export type Refused = Extract<LocalMessage, { readonly type: 'refused' }>;

/** A token that the server is asked about, with what it needs to judge and to log. */
export interface Presented {
  readonly digest: string;
  readonly token: string;
  readonly question: LocalQuestion;
  readonly environment: LocalEnvironment;
  readonly facts: LocalFacts;
}

interface Pending {
  readonly promise: Promise<Refused | undefined>;
  /** What had been forgotten when it was asked. */
  readonly epoch: number;
}

/** Has tokens proven by the server, each once at a time, and remembers those that were. */
export class Proving {
  private readonly pending = new Map<string, Pending>();
  private epoch = 0;
  /** Since when answers to what was asked may still be given to others. */
  private lastForgetAt = 0;
  private underWay = 0;
  private allForgottenAt = 0;
  private readonly forgottenAt = new Map<string, number>();

  constructor(
    private readonly memory: Memory,
    private readonly calls: Calls,
    /** Told of keys that gave way to others. */
    private readonly onEvicted: (keyIds: string[]) => void,
  ) {}

  /** What is remembered of these keys counts no longer, nor does what the server was asked about them before. */
  forget(keyIds: readonly string[] | 'ALL'): void {
    this.lastForgetAt = ++this.epoch;
    if (keyIds === 'ALL') {
      this.allForgottenAt = this.epoch;
      this.memory.clear();
      return;
    }
    for (const keyId of keyIds) {
      if (this.underWay > 0) this.forgottenAt.set(keyId, this.epoch);
      this.memory.forget(keyId);
    }
  }

  /**
   * Has a token proven. Those who ask for the same one at a time share the answer, unless it is a refusal, which is counted for
   * each of them, or something was forgotten since. Error: CallFailed.
   */
  async prove(presented: Presented, timeoutMs: number): Promise<Refused | undefined> {
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

  private async ask(presented: Presented, timeoutMs: number): Promise<Refused | undefined> {
    const { digest, token, question, environment, facts } = presented;
    const { epoch } = this;
    this.underWay++;
    try {
      const answer = await this.calls.ask({ type: 'prove', token, question, environment, facts }, timeoutMs);
      if (answer.type === 'refused') return answer;
      if (answer.type !== 'proved') throw new CallFailed('UNAVAILABLE');
      const { key, judgement } = answer;
      const overtaken = this.allForgottenAt > epoch || (this.forgottenAt.get(key.keyId) ?? 0) > epoch;
      if (overtaken) return undefined;
      const evicted = this.memory.add(digest, token, key);
      this.memory.findKey(key.keyId)?.judgements.add(question, judgement);
      if (evicted.length > 0) this.evict(evicted);
      return undefined;
    } finally {
      if (--this.underWay === 0) this.forgottenAt.clear();
    }
  }

  /** The server is told at once: what it says to later requests is then said knowing that these keys are not remembered. */
  evict(keyIds: string[]): void {
    this.epoch++;
    if (this.underWay > 0) for (const keyId of keyIds) this.forgottenAt.set(keyId, this.epoch);
    this.onEvicted(keyIds);
  }
}
