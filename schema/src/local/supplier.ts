import type { Deadline } from '../client/deadline.js';
import { KeywrightError } from '../client/error.js';
import type { Verifier, VerifyAnswer, VerifyQuestion } from '../client/verifier.js';
import { newTypeId } from '../type-id.js';
import { refusedAnswer } from './answers.js';
import { CallFailed, type Calls } from './calls.js';
import type { Missing } from './decider.js';
import type { Freshness } from './freshness.js';
import { readRightsQuestion } from './judgements.js';
import type { CachedKey } from './cached-key.js';
import type { LeaseBroker } from './lease-broker.js';
import type { Link } from './link.js';
import { digestOf, type TokenCache } from './token-cache.js';
import { plainToken } from './plain-token.js';
import type { LocalQuestion } from './protocol.js';
import type { Prover } from './prover.js';
import { factsOf } from './request-facts.js';

/** What a question needs from the server; CURRENCY: the cache may be out of date. */
export type Need = Missing | 'CURRENCY';

export interface SupplierDeps {
  readonly client: Verifier;
  readonly link: Link;
  readonly calls: Calls;
  readonly freshness: Freshness;
  readonly cache: TokenCache;
  readonly prover: Prover;
  readonly broker: LeaseBroker;
}

const unavailable = (retryAfterSeconds: number | null): KeywrightError =>
  new KeywrightError('UNAVAILABLE', 'Keywright cannot decide right now.', {
    retryAfterSeconds: retryAfterSeconds ?? 1,
  });

/** Fetches from the server what a decision is missing. */
export class Supplier {
  constructor(private readonly deps: SupplierDeps) {}

  /** Fetches what is missing. Returns the answer if the server gave it; otherwise the question can be retried. Error: KeywrightError. */
  async supply(need: Need, question: VerifyQuestion, deadline: Deadline): Promise<VerifyAnswer | undefined> {
    if (need === 'CURRENCY') return this.becomeCurrent(deadline);
    const { client, link } = this.deps;
    const rights = readRightsQuestion(question);
    if (!rights) return client.verify(question, { signal: deadline.signal });
    try {
      return await deadline.race(this.get(need, question, rights, deadline.remainingMs));
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      if (error.code === 'BAD') return client.verify(question, { signal: deadline.signal });
      if (error.code === 'UNAVAILABLE') throw unavailable(error.retryAfterSeconds);
      // Lost with the connection: retry on the next one.
      await link.untilConnected(deadline.signal);
      return undefined;
    }
  }

  private async get(
    need: Missing,
    question: VerifyQuestion,
    rights: LocalQuestion,
    timeoutMs: number,
  ): Promise<VerifyAnswer | undefined> {
    const token = plainToken(question);
    if (token === undefined) return undefined;
    const digest = digestOf(token);
    const known = this.deps.cache.find(digest);
    if (need === 'PROOF' || !known) return this.prove(digest, token, question, rights, timeoutMs);
    try {
      if (need === 'UNITS') await this.deps.broker.obtain(known.key, question.cost ?? 1, timeoutMs);
      else await this.judge(known.key, rights, timeoutMs);
    } catch (error) {
      if (!(error instanceof CallFailed) || error.code !== 'NOT_REMEMBERED') throw error;
      this.deps.prover.forget([known.key.record.keyId]);
    }
    return undefined;
  }

  private async prove(
    digest: string,
    token: string,
    question: VerifyQuestion,
    rights: LocalQuestion,
    timeoutMs: number,
  ): Promise<VerifyAnswer | undefined> {
    const { environment = 'PRODUCTION', requestId = newTypeId('req', Date.now()) } = question;
    const presented = { digest, token, question: rights, environment, facts: factsOf(question) };
    const refused = await this.deps.prover.prove(presented, timeoutMs);
    if (!refused) return undefined;
    if (refused.code === 'VALID') throw unavailable(null);
    return refusedAnswer(refused.code, requestId, { message: refused.message });
  }

  private async judge(key: CachedKey, rights: LocalQuestion, timeoutMs: number): Promise<void> {
    const { keyId } = key.record;
    const answer = await this.deps.calls.ask({ type: 'judge', keyId, question: rights }, timeoutMs);
    if (answer.type !== 'judged') throw new CallFailed('UNAVAILABLE');
    key.judgements.add(rights, answer.judgement);
  }

  /** Error: UNAVAILABLE if the server's own data is not fresh, or it cannot be reached. */
  private async becomeCurrent(deadline: Deadline): Promise<undefined> {
    const { link, freshness } = this.deps;
    await link.checkSilence();
    if (performance.now() < freshness.untilMs) return;
    if (link.connected) throw unavailable(1);
    await link.untilConnected(deadline.signal);
  }
}
