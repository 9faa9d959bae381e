import { VERDICTS, type VerdictCode } from '../verification/verdicts.js';
import { KeywrightError, type KeywrightErrorCode, type KeywrightFault } from './error.js';
import type { HttpAnswer } from './exchange.js';
import type { UndecidedAnswer, VerifyAnswer } from './verifier.js';

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const badAnswer = (): KeywrightError =>
  new KeywrightError('BAD_ANSWER', 'The server that responded does not look like Keywright. Check the url.');

/** Checks that an answer is a well-formed verdict, so that no other answer is ever accepted. Error: BAD_ANSWER. */
function verdictOf(value: unknown): VerifyAnswer {
  if (!isObject(value)) throw badAnswer();
  const { valid, code, status, requestId } = value;
  if (typeof code !== 'string' || !Object.hasOwn(VERDICTS, code) || typeof requestId !== 'string') {
    throw badAnswer();
  }
  if (valid !== (code === 'VALID') || status !== VERDICTS[code as VerdictCode].status) throw badAnswer();
  if (valid ? typeof value['keyId'] !== 'string' : typeof value['message'] !== 'string') throw badAnswer();
  return value as unknown as VerifyAnswer;
}

const isUndecided = (value: unknown): value is UndecidedAnswer =>
  isObject(value) && value['valid'] === false && value['code'] === 'UNAVAILABLE' && value['status'] === 503;

/** The verdict in a response with status 200. Error: BAD_ANSWER. */
export const readVerdict = ({ body }: HttpAnswer): VerifyAnswer => verdictOf(parse(body));

/** The verdicts in the response to a batch of `count` questions, in the same order. Error: BAD_ANSWER. */
export function readVerdicts({ body }: HttpAnswer, count: number): (VerifyAnswer | UndecidedAnswer)[] {
  const answer = parse(body);
  const results = isObject(answer) ? answer['results'] : undefined;
  if (!Array.isArray(results) || results.length !== count) throw badAnswer();
  return results.map((result) => (isUndecided(result) ? result : verdictOf(result)));
}

const CODES: Readonly<Record<number, KeywrightErrorCode>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  413: 'BAD_REQUEST',
  415: 'BAD_REQUEST',
  429: 'TOO_MANY_REQUESTS',
  500: 'UNAVAILABLE',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'UNAVAILABLE',
};

const isFault = (value: unknown): value is KeywrightFault =>
  isObject(value) && typeof value['path'] === 'string' && typeof value['message'] === 'string';

/** The error for a response with a status other than 200, with Keywright's own detail if present. */
export function errorOf({ status, body, retryAfterSeconds }: HttpAnswer): KeywrightError {
  const code = CODES[status];
  if (code === undefined) return badAnswer();
  const problem = parse(body);
  const fields = isObject(problem) ? problem : {};
  const detail = typeof fields['detail'] === 'string' ? fields['detail'] : `The status is ${status}.`;
  const errors = fields['errors'];
  const faults = Array.isArray(errors) ? errors.filter(isFault) : [];
  const whose = status === 401 || status === 403 || status === 429 ? ' the key of this client' : '';
  const what =
    status >= 500 ? 'Keywright cannot decide right now' : `Keywright rejected${whose || ' the request'}`;
  return new KeywrightError(code, `${what}: ${detail}`, { retryAfterSeconds, faults });
}
