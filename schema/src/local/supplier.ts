import type { Deadline } from '../client/deadline.js';
import { KeywrightError } from '../client/error.js';
import type { Verifier, VerifyAnswer, VerifyQuestion } from '../client/verifier.js';
import { newTypeId } from '../type-id.js';
import { refusedAnswer } from './answers.js';
import { CallFailed, type Calls } from './calls.js';
import type { Missing } from './decider.js';
import type { Freshness } from './freshness.js';
import { readRightsQuestion } from './judgements.js';
import type { KnownKey } from './known-key.js';
import type { LeaseBroker } from './lease-broker.js';
import type { Link } from './link.js';
import { digestOf, type Memory } from './memory.js';
import { plainToken } from './plain-token.js';
import type { LocalQuestion } from './protocol.js';
import type { Proving } from './proving.js';
import { factsOf } from './request-facts.js';

/** What a question needs from the server: CURRENCY when it is not known whether what is remembered still holds. */
export type Need = Missing | 'CURRENCY';

/** What a {@link Supplier} works with. */
export interface SupplierParts {
  readonly client: Verifier;
  readonly link: Link;
  readonly calls: Calls;
  readonly freshness: Freshness;
  readonly memory: Memory;
  readonly proving: Proving;
  readonly broker: LeaseBroker;
}

const unavailable = (retryAfterSeconds: number | null): KeywrightError =>
  new KeywrightError('UNAVAILABLE', 'Keywright cannot decide at present.', {
    retryAfterSeconds: retryAfterSeconds ?? 1,
  });

/** Gets from the server what a decision lacks. */
export class Supplier {
  constructor(private readonly parts: SupplierParts) {}

  /** Gets what is missing; then the question is to be tried again, unless this is the answer to it. Error: KeywrightError. */
  async supply(need: Need, question: VerifyQuestion, deadline: Deadline): Promise<VerifyAnswer | undefined> {
    if (need === 'CURRENCY') return this.becomeCurrent(deadline);
    const { client, link } = this.parts;
    const asked = readRightsQuestion(question);
    if (!asked) return client.verify(question, { signal: deadline.signal });
    try {
      return await deadline.race(this.get(need, question, asked, deadline.remainingMs));
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      if (error.code === 'BAD') return client.verify(question, { signal: deadline.signal });
      if (error.code === 'UNAVAILABLE') throw unavailable(error.retryAfterSeconds);
      // Lost with the connection: the next one answers.
      await link.untilConnected(deadline.signal);
      return undefined;
    }
  }

  private async get(
    need: Missing,
    question: VerifyQuestion,
    asked: LocalQuestion,
    timeoutMs: number,
  ): Promise<VerifyAnswer | undefined> {
    const token = plainToken(question);
    if (token === undefined) return undefined;
    const digest = digestOf(token);
    const known = this.parts.memory.find(digest);
    if (need === 'PROOF' || !known) return this.prove(digest, token, question, asked, timeoutMs);
    try {
      if (need === 'UNITS') await this.parts.broker.obtain(known.key, question.cost ?? 1, timeoutMs);
      else await this.judge(known.key, asked, timeoutMs);
    } catch (error) {
      if (!(error instanceof CallFailed) || error.code !== 'NOT_REMEMBERED') throw error;
      this.parts.proving.forget([known.key.record.keyId]);
    }
    return undefined;
  }

  private async prove(
    digest: string,
    token: string,
    question: VerifyQuestion,
    asked: LocalQuestion,
    timeoutMs: number,
  ): Promise<VerifyAnswer | undefined> {
    const { environment = 'PRODUCTION', requestId = newTypeId('req', Date.now()) } = question;
    const presented = { digest, token, question: asked, environment, facts: factsOf(question) };
    const refused = await this.parts.proving.prove(presented, timeoutMs);
    if (!refused) return undefined;
    if (refused.code === 'VALID') throw unavailable(null);
    return refusedAnswer(refused.code, requestId, { message: refused.message });
  }

  private async judge(key: KnownKey, asked: LocalQuestion, timeoutMs: number): Promise<void> {
    const { keyId } = key.record;
    const answer = await this.parts.calls.ask({ type: 'judge', keyId, question: asked }, timeoutMs);
    if (answer.type !== 'judged') throw new CallFailed('UNAVAILABLE');
    key.judgements.add(asked, answer.judgement);
  }

  /** Error: UNAVAILABLE when the server itself does not know enough, or cannot be reached. */
  private async becomeCurrent(deadline: Deadline): Promise<undefined> {
    const { link, freshness } = this.parts;
    await link.checkSilence();
    if (performance.now() < freshness.untilMs) return;
    if (link.connected) throw unavailable(1);
    await link.untilConnected(deadline.signal);
  }
}
