import type { RefusedAnswer, VerifyAnswer, VerifyQuestion } from '../client/verifier.js';
import { newTypeId } from '../type-id.js';
import { refusalOf } from '../verification/steps.js';
import type { RefusedCode, VerdictCode } from '../verification/verdicts.js';
import { acceptedAnswer, refusedAnswer } from './answers.js';
import type { Freshness } from './freshness.js';
import type { AskedLocally, CachedKey, CachedToken } from './cached-key.js';
import { factsOf } from './request-facts.js';
import type { UsageTally } from './usage-tally.js';

/** What a decision is missing: a judgement on the key's permissions, units of its limits, or a new proof of its token. */
export type Missing = 'JUDGEMENT' | 'UNITS' | 'PROOF';

const NO_PERMISSIONS: readonly string[] = [];

/** Decides on cached tokens with the same steps as the server. */
export class Decider {
  /** What the last question without an answer was missing. */
  missing: Missing = 'PROOF';
  /** The question being decided, as the steps read it; one object for all of them, since decisions never wait. */
  private readonly asked: { -readonly [Name in keyof AskedLocally]: AskedLocally[Name] } = {
    environment: 'PRODUCTION',
    ip: null,
    judgement: undefined,
  };

  constructor(
    private readonly freshness: Freshness,
    private readonly tally: UsageTally,
    /** Called for a key whose leased units run low. */
    private readonly onLow: (key: CachedKey) => void,
  ) {}

  /** Decides and counts; undefined if something is missing. `nowMs` is the monotonic clock. */
  decide(token: CachedToken, question: VerifyQuestion, nowMs: number): VerifyAnswer | undefined {
    const { key, previousUntilMs } = token;
    const serverMs = nowMs + this.freshness.offsetMs;
    if (previousUntilMs !== null && serverMs >= previousUntilMs) return this.setMissing('PROOF');
    const { record } = key;
    const { environment = 'PRODUCTION', cost = 1 } = question;
    const { asked } = this;
    asked.environment = environment;
    asked.ip = question.request?.ip ?? null;
    asked.judgement = key.judgements.find(question);
    const code = refusalOf(key, asked, serverMs);
    if (code === 'UNJUDGED') return this.setMissing('JUDGEMENT');
    if (code !== undefined) return this.refuse(token, question, code, nowMs, {});
    if (record.limited && !key.leases.take(cost, nowMs)) {
      const refusal = key.leases.refusalOf(cost, nowMs);
      if (!refusal) return this.setMissing('UNITS');
      const { retryAfterSeconds: retryAfter } = refusal;
      return this.refuse(token, question, refusal.code, nowMs, {
        retryAfter,
        limits: key.leases.states(nowMs),
      });
    }
    if (record.limited && key.leases.runsLow) this.onLow(key);
    const id = this.record(token, question, 'VALID', nowMs) ?? question.requestId;
    return acceptedAnswer(
      key,
      asked.judgement!,
      question.requestId ?? id ?? newTypeId('req', serverMs),
      nowMs,
    );
  }

  private setMissing(missing: Missing): undefined {
    this.missing = missing;
    return undefined;
  }

  private refuse(
    token: CachedToken,
    question: VerifyQuestion,
    code: RefusedCode,
    nowMs: number,
    details: { retryAfter?: number | null; limits?: RefusedAnswer['limits'] },
  ): RefusedAnswer {
    const id = this.record(token, question, code, nowMs) ?? newTypeId('req', nowMs + this.freshness.offsetMs);
    const { keyId } = token.key.record;
    return refusedAnswer(code, question.requestId ?? id, { ...details, keyId });
  }

  /** Counts a decision; returns the id of its log row, if it gets one. */
  private record(
    token: CachedToken,
    question: VerifyQuestion,
    code: VerdictCode,
    startedAtMs: number,
  ): string | undefined {
    const { environment = 'PRODUCTION', permission, scope } = question;
    const atMs = startedAtMs + this.freshness.offsetMs;
    const slot = this.tally.count(token.key, code, environment, token.previousUntilMs !== null, atMs);
    if (!slot) return undefined;
    const requestId = newTypeId('req', atMs);
    slot.rows.push({
      ...factsOf(question),
      requestId,
      atMs: Math.round(atMs),
      maskedSecret: token.masked,
      latencyMicroseconds: Math.round((performance.now() - startedAtMs) * 1000),
      permissions: typeof permission === 'string' ? [permission] : (permission ?? NO_PERMISSIONS),
      scopeId: scope ?? null,
    });
    return requestId;
  }
}
