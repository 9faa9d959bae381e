import { Deadline } from './deadline.js';
import { endpointUrl, type EndpointOptions } from './endpoint.js';
import { KeywrightError } from './error.js';
import { Exchanger, type HttpAnswer } from './exchange.js';
import { readVerdict, readVerdicts } from './read-answer.js';
import { withRetries } from './retry.js';
import type { UndecidedAnswer, Verifier, VerifyAnswer, VerifyOptions, VerifyQuestion } from './verifier.js';

export { KeywrightError, type KeywrightErrorCode, type KeywrightFault } from './error.js';
export type {
  AcceptedAnswer,
  DescribedRequest,
  Environment,
  RefusedAnswer,
  UndecidedAnswer,
  Verifier,
  VerifyAnswer,
  VerifyOptions,
  VerifyQuestion,
} from './verifier.js';

export interface ClientOptions extends EndpointOptions {
  /** Timeout of one call, including retries; 5000 by default. */
  readonly timeoutMilliseconds?: number;
  /** Retries after a lost connection or a temporary failure; 2 by default. */
  readonly retries?: number;
  /** Max concurrent connections; 64 by default. */
  readonly connections?: number;
}

const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Checks that a value is a whole number in range. Error: BAD_REQUEST. */
function wholeNumber(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new KeywrightError('BAD_REQUEST', `${name} must be a whole number from ${min} to ${max}.`);
}

function bodyOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new KeywrightError('BAD_REQUEST', 'The request cannot be serialized as JSON.', { cause });
  }
}

/**
 * Verifies keys over HTTP with keep-alive connections. If a response is lost, the question is sent again: it can then be
 * counted and charged twice, but a retry never accepts what a single answer would have rejected.
 */
export class KeywrightClient implements Verifier {
  private readonly exchanger: Exchanger;
  private readonly timeoutMs: number;
  private readonly retries: number;
  private closed = false;

  /** Error: BAD_REQUEST for invalid options. */
  constructor(options: ClientOptions) {
    const { timeoutMilliseconds = 5000, retries = 2, connections = 64 } = options;
    this.timeoutMs = wholeNumber('timeoutMilliseconds', timeoutMilliseconds, 1, MAX_TIMEOUT_MS);
    this.retries = wholeNumber('retries', retries, 0, 100);
    const url = endpointUrl(options, '/v1/verify');
    this.exchanger = new Exchanger(url, options.key, wholeNumber('connections', connections, 1, 10_000));
  }

  /** The verdict on one question. Error: {@link KeywrightError} if there is none. */
  async verify(question: VerifyQuestion, options: VerifyOptions = {}): Promise<VerifyAnswer> {
    const read = (answer: HttpAnswer): VerifyAnswer[] => [readVerdict(answer)];
    const [verdict] = await this.ask('', bodyOf(question), options, read);
    return verdict!;
  }

  /**
   * The verdicts on 1 to 100 questions, in the same order; UNAVAILABLE for each question without one. Error: {@link KeywrightError}
   * if there is no answer at all.
   */
  async verifyBatch(
    questions: readonly VerifyQuestion[],
    options: VerifyOptions = {},
  ): Promise<(VerifyAnswer | UndecidedAnswer)[]> {
    const read = (answer: HttpAnswer) => readVerdicts(answer, questions.length);
    return this.ask('/batch', bodyOf({ requests: questions }), options, read);
  }

  /** Closes all connections; pending calls fail with CLOSED. */
  async close(): Promise<void> {
    this.closed = true;
    this.exchanger.close();
  }

  private async ask<Answer extends VerifyAnswer | UndecidedAnswer>(
    path: string,
    body: string,
    { signal }: VerifyOptions,
    read: (answer: HttpAnswer) => Answer[],
  ): Promise<Answer[]> {
    const deadline = new Deadline(this.timeoutMs, signal);
    try {
      const { answer, afterLoss } = await withRetries(this.retries, deadline, () => {
        if (this.closed) throw new KeywrightError('CLOSED', 'The client is closed.');
        return this.exchanger.post(path, body, deadline.signal);
      });
      const verdicts = read(answer);
      if (afterLoss && verdicts.some(({ code }) => code === 'REPLAYED')) {
        // Most likely an earlier try, whose response was lost, used the nonce.
        throw new KeywrightError('UNAVAILABLE', 'The response to a signed request was lost.');
      }
      return verdicts;
    } finally {
      deadline.clear();
    }
  }
}

/** Creates a client. Error: BAD_REQUEST for invalid options. */
export const createClient = (options: ClientOptions): KeywrightClient => new KeywrightClient(options);
