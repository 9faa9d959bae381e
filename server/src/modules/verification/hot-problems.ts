import { PROBLEM_CONTENT_TYPE } from '@keywright/schema/verdict-http';
import type { Problem } from '../../core/problem.js';
import { AnswerHead, type HotExchange } from './hot-request.js';
import type { VerificationService } from './verification-service.js';

/** What {@link HotProblems} work with. */
export interface HotProblemsDeps {
  readonly service: Pick<VerificationService, 'whenSafe'>;
  /** Headers of every answer that is not a verdict. */
  readonly headers: Readonly<Record<string, string>>;
  /** The problem for anything thrown. */
  readonly problemFor: (error: unknown, requestId: string) => Problem;
}

/** What is answered. */
type Exchange = Pick<HotExchange, 'reply'>;

/** Answers requests that no framework sees with problems (RFC 9457). */
export class HotProblems {
  constructor(private readonly deps: HotProblemsDeps) {}

  /** Answers with the problem for anything thrown, and headers that `also` makes of it. */
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

  /** Answers once everything that was noted before is safe. */
  send(exchange: Exchange, problem: Problem, headers: Readonly<Record<string, string>>): void {
    const head = new AnswerHead(problem.status, {
      ...this.deps.headers,
      ...headers,
      'content-type': PROBLEM_CONTENT_TYPE,
    });
    this.deps.service.whenSafe(() => exchange.reply(head, problem.requestId, JSON.stringify(problem)));
  }
}
