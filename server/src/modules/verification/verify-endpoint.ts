import { problemOfVerdict } from '@keywright/schema/verdict-http';
import { MAX_BATCH_BYTES, MAX_QUESTION_BYTES } from '@keywright/schema/question-limits';
import { ClientFault } from '../../core/errors.js';
import { ID_PREFIXES, newId } from '../../core/id.js';
import type { AccessSet } from '../access/decide/access-set.js';
import type { HotProblems } from './hot-problems.js';
import { AnswerHead, type HotExchange, type HotRoute } from './hot-request.js';
import { faultOfShape } from './question-shape.js';
import { NonceUnknown } from './nonce-unknown.js';
import { verdictHeaders } from './refusal.js';
import type { CallerResult, VerificationService } from './verification-service.js';
import { answerText, unavailableText } from './verify-answer.js';
import { readBatchBody, readVerifyBody, type VerifyQuestion } from './verify-input.js';

const SINGLE = '/v1/verify';
const BATCH = '/v1/verify/batch';

/** The paths handled here, by POST only. */
export const VERIFY_PATHS: readonly string[] = [SINGLE, BATCH];

export interface VerifyEndpointDeps {
  readonly service: VerificationService;
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

/**
 * Answers one question, synchronously where possible; `id` is that of the log row, and of the answer unless the
 * caller provides a request id.
 */
export function answerQuestion(
  service: VerificationService,
  { request, facts, requestId }: VerifyQuestion,
  id: string = newId(ID_PREFIXES.request),
): string | Promise<string> {
  const verdict = service.decide(request, {
    requestId: id,
    method: facts.method,
    path: facts.path,
    userAgent: facts.userAgent,
  });
  if (verdict instanceof Promise) return verdict.then((known) => answerText(known, request, requestId ?? id));
  return answerText(verdict, request, requestId ?? id);
}

/** The same for one question of a batch: an error must not affect the others. */
function answerOneOf(service: VerificationService, question: VerifyQuestion): string | Promise<string> {
  const id = newId(ID_PREFIXES.request);
  const otherwise = (error: unknown): string => {
    if (error instanceof NonceUnknown) return unavailableText(error, question.requestId ?? id);
    throw error;
  };
  try {
    const text = answerQuestion(service, question, id);
    return typeof text === 'string' ? text : text.catch(otherwise);
  } catch (error) {
    // Earlier questions may still be waiting for their answers: the promise of the whole batch reports the
    // error.
    return new Promise((resolve) => resolve(otherwise(error)));
  }
}

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

/**
 * `POST /v1/verify` and `/v1/verify/batch`: are these requests allowed? The caller authenticates with a key that
 * holds keywright.verify. Bypasses the web framework for speed: an answer waits only for the journal and, if several
 * processes share nonces or limits, for those.
 */
export class VerifyEndpoint implements HotRoute {
  constructor(private readonly deps: VerifyEndpointDeps) {}

  owns(method: string, url: string): boolean {
    if (method !== 'POST' || !url.startsWith(SINGLE)) return false;
    const query = url.indexOf('?');
    return VERIFY_PATHS.includes(query === -1 ? url : url.slice(0, query));
  }

  take(exchange: HotExchange): void {
    const requestId = newId(ID_PREFIXES.request);
    const settled = this.deps.service.settled();
    if (settled) void settled.then(() => this.begin(exchange, requestId));
    else this.begin(exchange, requestId);
  }

  private begin(exchange: HotExchange, requestId: string): void {
    try {
      const caller = this.authenticate(exchange, requestId);
      if (!(caller instanceof Promise)) return this.read(exchange, caller, requestId);
      void caller
        .then((known) => this.read(exchange, known, requestId))
        .catch((error: unknown) => this.deps.problems.refuse(exchange, error, requestId));
    } catch (error) {
      this.deps.problems.refuse(exchange, error, requestId);
    }
  }

  private read(exchange: HotExchange, caller: CallerResult, requestId: string): void {
    if ('verdict' in caller) {
      const { verdict } = caller;
      return this.deps.problems.send(exchange, problemOfVerdict(verdict, requestId), verdictHeaders(verdict));
    }
    const { head } = exchange;
    head.proof = caller.proof;
    const { contentType } = head.headers;
    if (contentType === null || !JSON_TYPE.test(contentType)) {
      throw new ClientFault('The body must be application/json.', 415);
    }
    const maxBytes = isBatch(head.url) ? MAX_BATCH_BYTES : MAX_QUESTION_BYTES;
    exchange.readBody(maxBytes, (fault, body) =>
      this.finish(exchange, caller.access, requestId, fault, body),
    );
  }

  private finish(
    exchange: HotExchange,
    caller: AccessSet,
    requestId: string,
    fault: Error | undefined,
    body: Buffer | undefined,
  ): void {
    let text: string | Promise<string>;
    try {
      if (fault) throw fault;
      const batch = isBatch(exchange.head.url);
      const question = parse(body!, batch);
      text = batch ? this.answerBatch(question, caller) : this.answerSingle(question, caller, requestId);
    } catch (error) {
      return this.deps.problems.refuse(exchange, error, requestId);
    }
    if (typeof text === 'string') return this.reply(exchange, requestId, text);
    void text.then(
      (known) => this.reply(exchange, requestId, known),
      (error: unknown) => this.deps.problems.refuse(exchange, error, requestId),
    );
  }

  private reply(exchange: HotExchange, requestId: string, text: string): void {
    this.deps.service.whenSafe(() => exchange.reply(ANSWERED, requestId, text));
  }

  private answerSingle(body: unknown, caller: AccessSet, requestId: string): string | Promise<string> {
    return answerQuestion(this.deps.service, readVerifyBody(body, caller), requestId);
  }

  private answerBatch(body: unknown, caller: AccessSet): string | Promise<string> {
    const { service } = this.deps;
    const texts = readBatchBody(body, caller).map((question) => answerOneOf(service, question));
    const join = (known: readonly string[]): string => `{"results":[${known.join(',')}]}`;
    return texts.every((text) => typeof text === 'string') ? join(texts) : Promise.all(texts).then(join);
  }

  /** Runs before the body is read: a caller that is not allowed learns nothing about errors in it. */
  private authenticate({ head }: HotExchange, requestId: string): CallerResult | Promise<CallerResult> {
    const call = {
      requestId,
      method: head.method,
      path: head.url,
      userAgent: head.headers.userAgent,
      ip: head.peer.ip,
    };
    return this.deps.service.authenticateCaller(head.headers.credentials, call, NEEDED, head.proof);
  }
}
