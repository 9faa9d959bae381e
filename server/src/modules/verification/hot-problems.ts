import { PROBLEM_CONTENT_TYPE } from '@keywright/schema/verdict-http';
import type { Problem } from '../../core/problem.js';
import { AnswerHead, type HotExchange } from './hot-request.js';
import type { VerificationService } from './verification-service.js';

export interface HotProblemsDeps {
  readonly service: Pick<VerificationService, 'whenSafe'>;
  /** Headers of every response that is not a verdict. */
  readonly headers: Readonly<Record<string, string>>;
  /** Converts anything thrown to a problem. */
  readonly problemFor: (error: unknown, requestId: string) => Problem;
}

/** The part of an exchange that responds. */
type Exchange = Pick<HotExchange, 'reply'>;

/** Responds with problems (RFC 9457) to requests that bypass the web framework. */
export class HotProblems {
  constructor(private readonly deps: HotProblemsDeps) {}

  /** Responds with the problem for anything thrown, plus the headers that `also` derives from it. */
  refuse(
    exchange: Exchange,
    error: unknown,
    requestId: string,
    also?: (problem: Problem) => Readonly<Record<string, string>>,
  ): void {
    const problem = this.deps.problemFor(error, requestId);
    const headers: Record<string, string> = { 'cache-control': 'no-store', ...also?.(problem) };
    if (problem.retryAfter !== undefined) headers['retry-after'] = String(problem.retryAfter);
    this.send(exchange, problem, headers);
  }

  /** Responds once everything recorded before is safe. */
  send(exchange: Exchange, problem: Problem, headers: Readonly<Record<string, string>>): void {
    const head = new AnswerHead(problem.status, {
      ...this.deps.headers,
      ...headers,
      'content-type': PROBLEM_CONTENT_TYPE,
    });
    this.deps.service.whenSafe(() => exchange.reply(head, problem.requestId, JSON.stringify(problem)));
  }
}
