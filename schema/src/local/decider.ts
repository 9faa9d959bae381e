import type { RefusedAnswer, VerifyAnswer, VerifyQuestion } from '../client/verifier.js';
import { lifecycleFault } from '../lifecycle.js';
import { newTypeId } from '../type-id.js';
import type { VerdictCode } from '../verdicts.js';
import { acceptedAnswer, refusedAnswer } from './answers.js';
import type { Freshness } from './freshness.js';
import type { KnownKey, KnownToken } from './known-key.js';
import { factsOf } from './request-facts.js';
import type { LocalJudgement } from './protocol.js';
import type { UsageTally } from './usage-tally.js';

/** What is missing for a decision: what the rights of the key say, units of its limits, or its token to be proven anew. */
export type Missing = 'JUDGEMENT' | 'UNITS' | 'PROOF';

const NOBODY_ASKED: readonly string[] = [];

/** Decides about tokens that are remembered, by the same checks in the same order as the server. */
export class Decider {
  /** What was missing the last time that there was no answer. */
  missing: Missing = 'PROOF';

  constructor(
    private readonly freshness: Freshness,
    private readonly tally: UsageTally,
    /** Told of a key whose units in advance run low. */
    private readonly onLow: (key: KnownKey) => void,
  ) {}

  /** The answer, counted; undefined when something is missing for it. `nowMs` is the monotonic clock. */
  decide(token: KnownToken, question: VerifyQuestion, nowMs: number): VerifyAnswer | undefined {
    const { key, previousUntilMs } = token;
    const serverMs = nowMs + this.freshness.offsetMs;
    if (previousUntilMs !== null && serverMs >= previousUntilMs) return this.lack('PROOF');
    const { record } = key;
    const { environment = 'PRODUCTION', cost = 1 } = question;
    let code: Exclude<VerdictCode, 'VALID'> | undefined | null = lifecycleFault(
      record.revoked,
      record.expiresAtMs,
      record.enabled,
      serverMs,
    );
    let judgement: LocalJudgement | undefined;
    if (code === undefined && record.environment !== environment) code = 'WRONG_ENVIRONMENT';
    if (code === undefined && !key.ranges.allows(question.request?.ip ?? null)) code = 'IP_NOT_ALLOWED';
    if (code === undefined) {
      judgement = key.judgements.find(question);
      if (judgement === undefined) return this.lack('JUDGEMENT');
      code = judgement.refused;
    }
    if (code == null && record.limited && !key.leases.take(cost, nowMs)) {
      const refusal = key.leases.refusalOf(cost, nowMs);
      if (!refusal) return this.lack('UNITS');
      const { retryAfterSeconds: retryAfter } = refusal;
      return this.refuse(token, question, refusal.code, nowMs, {
        retryAfter,
        limits: key.leases.states(nowMs),
      });
    }
    if (code != null) return this.refuse(token, question, code, nowMs, {});
    if (record.limited && key.leases.runsLow) this.onLow(key);
    const id = this.note(token, question, 'VALID', nowMs) ?? question.requestId;
    return acceptedAnswer(key, judgement!, question.requestId ?? id ?? newTypeId('req', serverMs), nowMs);
  }

  private lack(missing: Missing): undefined {
    this.missing = missing;
    return undefined;
  }

  private refuse(
    token: KnownToken,
    question: VerifyQuestion,
    code: RefusedAnswer['code'],
    nowMs: number,
    details: { retryAfter?: number | null; limits?: RefusedAnswer['limits'] },
  ): RefusedAnswer {
    const id = this.note(token, question, code, nowMs) ?? newTypeId('req', nowMs + this.freshness.offsetMs);
    const { keyId } = token.key.record;
    return refusedAnswer(code, question.requestId ?? id, { ...details, keyId });
  }

  /** Counts a decision; returns the id of its row in the log, if it is to have one. */
  private note(
    token: KnownToken,
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
      permissions: typeof permission === 'string' ? [permission] : (permission ?? NOBODY_ASKED),
      scopeId: scope ?? null,
    });
    return requestId;
  }
}
