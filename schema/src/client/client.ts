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

/** How a {@link KeywrightClient} asks. */
export interface ClientOptions extends EndpointOptions {
  /** Longest time for one call with everything it takes, retries included; 5000 by default. */
  readonly timeoutMilliseconds?: number;
  /** How often a question is asked again when no answer came; 2 by default. */
  readonly retries?: number;
  /** Most connections at a time; 64 by default. */
  readonly connections?: number;
}

const longest = 2 ** 31 - 1;

/** A whole number in bounds. Error: BAD_REQUEST. */
function whole(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new KeywrightError('BAD_REQUEST', `${name} must be a whole number from ${least} to ${most}.`);
}

function bodyOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new KeywrightError('BAD_REQUEST', 'The question cannot be written as JSON.', { cause });
  }
}

/**
 * Asks Keywright over HTTP, on connections that are kept open. An answer may be lost on its way; the question is then asked
 * again, and may be counted and charged twice, but never let anything pass that a single answer would not have.
 */
export class KeywrightClient implements Verifier {
  private readonly exchanger: Exchanger;
  private readonly timeoutMs: number;
  private readonly retries: number;
  private closed = false;

  /** Error: BAD_REQUEST for options that make no sense. */
  constructor(options: ClientOptions) {
    const { timeoutMilliseconds = 5000, retries = 2, connections = 64 } = options;
    this.timeoutMs = whole('timeoutMilliseconds', timeoutMilliseconds, 1, longest);
    this.retries = whole('retries', retries, 0, 100);
    const url = endpointUrl(options, '/v1/verify');
    this.exchanger = new Exchanger(url, options.key, whole('connections', connections, 1, 10_000));
  }

  /** The verdict on one question. Error: {@link KeywrightError} when there is none. */
  async verify(question: VerifyQuestion, options: VerifyOptions = {}): Promise<VerifyAnswer> {
    const read = (answer: HttpAnswer): VerifyAnswer[] => [readVerdict(answer)];
    const [verdict] = await this.ask('', bodyOf(question), options, read);
    return verdict!;
  }

  /**
   * The verdicts on 1 to 100 questions, in their order; UNAVAILABLE for one that there is none on. Error: {@link KeywrightError} when
   * there is no answer at all.
   */
  async verifyBatch(
    questions: readonly VerifyQuestion[],
    options: VerifyOptions = {},
  ): Promise<(VerifyAnswer | UndecidedAnswer)[]> {
    const read = (answer: HttpAnswer) => readVerdicts(answer, questions.length);
    return this.ask('/batch', bodyOf({ requests: questions }), options, read);
  }

  /** Ends all connections; what is still being asked fails with CLOSED. */
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
        if (this.closed) throw new KeywrightError('CLOSED', 'The client was closed.');
        return this.exchanger.post(path, body, deadline.signal);
      });
      const verdicts = read(answer);
      if (afterLoss && verdicts.some(({ code }) => code === 'REPLAYED')) {
        // Most likely it was the question before, whose answer was lost, that used the nonce.
        throw new KeywrightError('UNAVAILABLE', 'The answer about a signed request was lost.');
      }
      return verdicts;
    } finally {
      deadline.clear();
    }
  }
}

/** Makes a client. Error: BAD_REQUEST for options that make no sense. */
export const createClient = (options: ClientOptions): KeywrightClient => new KeywrightClient(options);
