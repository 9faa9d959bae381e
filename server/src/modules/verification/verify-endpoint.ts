import { ID_PREFIXES, newId } from '../../core/id.js';
import { problemOfVerdict } from '../../core/problem.js';
import type { AccessSet } from '../access/access-set.js';
import type { HotProblems } from './hot-problems.js';
import { AnswerHead, ClientFault, type HotExchange, type HotRoute } from './hot-request.js';
import { verdictHeaders } from './refusal.js';
import type { VerificationService } from './verification-service.js';
import { answerText } from './verify-answer.js';
import { readBatchBody, readVerifyBody, type VerifyQuestion } from './verify-input.js';

/** Wide enough that an absurdly long key is refused as a key, not as a body. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;
const SINGLE = '/v1/verify';
const BATCH = '/v1/verify/batch';

/** The paths that are answered here, by POST only. */
export const VERIFY_PATHS: readonly string[] = [SINGLE, BATCH];

/** What a {@link VerifyEndpoint} works with. */
export interface VerifyEndpointParts {
  readonly service: VerificationService;
  readonly problems: HotProblems;
}

/** What the caller of these routes must hold somewhere; it is told of keys that lie there. */
const NEEDED = ['keywright.verify'] as const;

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

const ANSWERED = new AnswerHead(200, {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
});

/** Answers one question; `id` is that of the log row, and the one in the answer unless the caller brought a name of its own. */
export function answerQuestion(
  service: VerificationService,
  { request, facts, requestId }: VerifyQuestion,
  id: string = newId(ID_PREFIXES.request),
): string {
  const verdict = service.check(request, {
    requestId: id,
    method: facts.method,
    path: facts.path,
    userAgent: facts.userAgent,
  });
  return answerText(verdict, request, requestId ?? id);
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new ClientFault('The body is not JSON.', 400);
  }
}

/**
 * `POST /v1/verify` and `/v1/verify/batch`: may these requests pass? The caller shows a key of its own with keywright.verify.
 * Bare of any web framework, since speed is what it is for: an answer waits for nothing but the journal.
 */
export class VerifyEndpoint implements HotRoute {
  constructor(private readonly parts: VerifyEndpointParts) {}

  owns(method: string, url: string): boolean {
    if (method !== 'POST' || !url.startsWith(SINGLE)) return false;
    const query = url.indexOf('?');
    return VERIFY_PATHS.includes(query === -1 ? url : url.slice(0, query));
  }

  take(exchange: HotExchange): void {
    const requestId = newId(ID_PREFIXES.request);
    const settled = this.parts.service.settled();
    if (settled) void settled.then(() => this.begin(exchange, requestId));
    else this.begin(exchange, requestId);
  }

  private begin(exchange: HotExchange, requestId: string): void {
    try {
      const asker = this.authenticate(exchange, requestId);
      if (!asker) return;
      const { contentType } = exchange.head.headers;
      if (contentType === null || !JSON_TYPE.test(contentType)) {
        throw new ClientFault('The body must be application/json.', 415);
      }
      exchange.readBody(MAX_BODY_BYTES, (fault, body) =>
        this.finish(exchange, asker, requestId, fault, body),
      );
    } catch (error) {
      this.parts.problems.refuse(exchange, error, requestId);
    }
  }

  private finish(
    exchange: HotExchange,
    asker: AccessSet,
    requestId: string,
    fault: Error | undefined,
    body: Buffer | undefined,
  ): void {
    let text: string;
    try {
      if (fault) throw fault;
      const batch = exchange.head.url.startsWith(BATCH);
      const question = parse(body!);
      text = batch ? this.answerBatch(question, asker) : this.answerSingle(question, asker, requestId);
    } catch (error) {
      return this.parts.problems.refuse(exchange, error, requestId);
    }
    this.parts.service.whenSafe(() => exchange.reply(ANSWERED, requestId, text));
  }

  private answerSingle(body: unknown, asker: AccessSet, requestId: string): string {
    return answerQuestion(this.parts.service, readVerifyBody(body, asker), requestId);
  }

  private answerBatch(body: unknown, asker: AccessSet): string {
    const { service } = this.parts;
    const texts = readBatchBody(body, asker).map((question) => answerQuestion(service, question));
    return `{"results":[${texts.join(',')}]}`;
  }

  /** Before the body is read: whoever may not ask learns nothing about its faults. */
  private authenticate(exchange: HotExchange, requestId: string): AccessSet | undefined {
    const { head } = exchange;
    const call = {
      requestId,
      method: head.method,
      path: head.url,
      userAgent: head.headers.userAgent,
      ip: head.peer.ip,
    };
    const { service } = this.parts;
    const caller = service.authenticateCaller(head.headers.credentials, call, NEEDED, head.proof);
    if ('access' in caller) {
      head.proof = caller.proof;
      return caller.access;
    }
    const { verdict } = caller;
    this.parts.problems.send(exchange, problemOfVerdict(verdict, requestId), verdictHeaders(verdict));
    return undefined;
  }
}
