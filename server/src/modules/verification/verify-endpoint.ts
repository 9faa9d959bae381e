import { problemOfVerdict } from '@keywright/schema/verdict-http';
import { MAX_BATCH_BYTES, MAX_QUESTION_BYTES } from '@keywright/schema/question-limits';
import { ClientFault } from '../../core/errors.js';
import { attempt, whenKnown, type Eventual } from '../../core/eventual.js';
import { ID_PREFIXES, newId } from '../../core/id.js';
import type { AccessSet } from '../access/decide/access-set.js';
import type { HotProblems } from './hot-problems.js';
import { AnswerHead, type HotExchange, type HotRoute } from './hot-request.js';
import { faultOfShape } from './question-shape.js';
import { NonceUnknown } from './nonce-unknown.js';
import { verdictHeaders } from './refusal.js';
import type { CallerGate, CallerResult, GatedCall } from './caller-gate.js';
import type { Verdict } from './verdict.js';
import type { VerificationService } from './verification-service.js';
import { answerText, unavailableText } from './verify-answer.js';
import { readBatchBody, readVerifyBody, type VerifyQuestion } from './verify-input.js';

const SINGLE = '/v1/verify';
const BATCH = '/v1/verify/batch';

/** The paths handled here, by POST only. */
export const VERIFY_PATHS: readonly string[] = [SINGLE, BATCH];

export interface VerifyEndpointDeps {
  readonly gate: Pick<CallerGate, 'admit'>;
  readonly service: Pick<VerificationService, 'decide' | 'whenSafe'>;
  readonly problems: HotProblems;
}

/** What the caller of these routes must hold somewhere; it only learns about keys in those scopes. */
const NEEDED = ['keywright.verify'] as const;

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

const ANSWERED = new AnswerHead(200, {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
});

/** The id of an answer: that of the log row, unless the caller provides one. */
const idOf = ({ requestId, facts }: VerifyQuestion): string => requestId ?? facts.requestId;

const textOf = (verdict: Verdict, question: VerifyQuestion): string =>
  answerText(verdict, question.request, idOf(question));

/** Answers one question, synchronously where possible. */
export const answerQuestion = (
  service: Pick<VerificationService, 'decide'>,
  question: VerifyQuestion,
): Eventual<string> => whenKnown(service.decide(question.request, question.facts), textOf, question);

/**
 * The answer to one question of a batch that has no verdict, so that the others have theirs. Any other error rejects
 * instead of being thrown, since earlier questions may still be waiting for their answers.
 */
const withoutVerdict = (error: unknown, question: VerifyQuestion): Eventual<string> =>
  error instanceof NonceUnknown
    ? unavailableText(error, idOf(question))
    : new Promise((_, reject) => reject(error as Error));

const joined = (texts: readonly string[]): string => `{"results":[${texts.join(',')}]}`;

const isBatch = (url: string): boolean => url.startsWith(BATCH);

function parse(body: Buffer, batch: boolean): unknown {
  const fault = faultOfShape(body, batch);
  if (fault !== undefined) throw new ClientFault(fault, 400);
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new ClientFault('The body is not JSON.', 400);
  }
}

/** One request to these routes, on its way through the stages of {@link VerifyEndpoint}. */
interface Call extends GatedCall {
  readonly exchange: HotExchange;
  readonly requestId: string;
  /** What the caller holds; null until it is admitted. */
  access: AccessSet | null;
}

/**
 * `POST /v1/verify` and `/v1/verify/batch`: are these requests allowed? The caller authenticates with a key that
 * holds keywright.verify. Bypasses the web framework for speed: an answer waits only for the journal and, if several
 * processes share nonces or limits, for those. The stages follow each other: admit, read, decide, reply.
 */
export class VerifyEndpoint implements HotRoute {
  constructor(private readonly deps: VerifyEndpointDeps) {}

  owns(method: string, url: string): boolean {
    if (method !== 'POST' || !url.startsWith(SINGLE)) return false;
    const query = url.indexOf('?');
    return VERIFY_PATHS.includes(query === -1 ? url : url.slice(0, query));
  }

  take(exchange: HotExchange): void {
    const { method, url, headers, peer, proof } = exchange.head;
    void attempt(this.admit, this.refuse, {
      requestId: newId(ID_PREFIXES.request),
      method,
      path: url,
      userAgent: headers.userAgent,
      ip: peer.ip,
      credentials: headers.credentials,
      permissions: NEEDED,
      known: proof,
      exchange,
      access: null,
    });
  }

  /** Runs before the body is read: a caller that is not allowed learns nothing about errors in it. */
  private readonly admit = (call: Call): Eventual<void> => {
    return whenKnown(this.deps.gate.admit(call), this.read, call);
  };

  private readonly read = (caller: CallerResult, call: Call): Eventual<void> => {
    const { exchange, requestId } = call;
    if ('verdict' in caller) {
      const { verdict } = caller;
      return this.deps.problems.send(exchange, problemOfVerdict(verdict, requestId), verdictHeaders(verdict));
    }
    const { head } = exchange;
    head.proof = caller.proof;
    call.access = caller.access;
    const { contentType } = head.headers;
    if (contentType === null || !JSON_TYPE.test(contentType)) {
      throw new ClientFault('The body must be application/json.', 415);
    }
    const maxBytes = isBatch(head.url) ? MAX_BATCH_BYTES : MAX_QUESTION_BYTES;
    return whenKnown(exchange.readBody(maxBytes), this.decide, call);
  };

  private readonly decide = (body: Buffer, call: Call): Eventual<void> => {
    const batch = isBatch(call.exchange.head.url);
    const asked = parse(body, batch);
    const text = batch
      ? this.answerBatch(asked, call.access!)
      : answerQuestion(this.deps.service, readVerifyBody(asked, call.access!, call.requestId));
    return whenKnown(text, this.reply, call);
  };

  private readonly reply = (text: string, { exchange, requestId }: Call): void =>
    this.deps.service.whenSafe(() => exchange.reply(ANSWERED, requestId, text));

  private readonly refuse = (error: unknown, { exchange, requestId }: Call): void =>
    this.deps.problems.refuse(exchange, error, requestId);

  private answerBatch(body: unknown, caller: AccessSet): Eventual<string> {
    const { service } = this.deps;
    const answer = (question: VerifyQuestion): Eventual<string> => answerQuestion(service, question);
    const texts = readBatchBody(body, caller).map((question) => attempt(answer, withoutVerdict, question));
    return texts.every((text) => typeof text === 'string') ? joined(texts) : Promise.all(texts).then(joined);
  }
}
