import type { LimitState } from '@keywright/schema/verdict-http';
import type { AppError } from '../../core/errors.js';
import type { Verdict, VerificationRequest } from './verdict.js';

/** What the caller of `/v1/verify` is told when the key was accepted. Times are RFC 3339. */
interface AcceptedAnswer {
  readonly valid: true;
  readonly code: 'VALID';
  readonly status: 200;
  readonly requestId: string;
  readonly keyId: string;
  readonly name: string;
  readonly environment: string;
  readonly serviceAccountId: string | null;
  readonly permissions: readonly string[];
  readonly scopes: readonly string[];
  readonly expiresAt: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly limits: readonly LimitState[];
  readonly retryAfter: null;
  /** Of a signed request: its profile, and whether its body was signed, and compared. */
  readonly signature?: NonNullable<Verdict['signature']>;
}

/** The same when it was refused; `keyId` only once the secret was proven, `limits` only with 429. */
interface RefusedAnswer {
  readonly valid: false;
  readonly code: string;
  readonly status: number;
  readonly requestId: string;
  readonly message: string;
  readonly retryAfter: number | null;
  readonly limits?: readonly LimitState[];
  readonly keyId?: string;
}

/** What the caller of `/v1/verify` is told. */
export type VerifyAnswer = AcceptedAnswer | RefusedAnswer;

const PLAIN = /^[ !#-[\]-~]*$/;

/** A JSON string; most texts need no escapes. */
const quote = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text));

function limitsText(limits: readonly LimitState[]): string {
  let text = '';
  for (const { name, limit, remaining, windowSeconds, resetSeconds } of limits) {
    text += `${text === '' ? '' : ','}{"name":${quote(name)},"limit":${limit},"remaining":${remaining},"windowSeconds":${windowSeconds},"resetSeconds":${resetSeconds}}`;
  }
  return `[${text}]`;
}

const metadataTexts = new WeakMap<object, string>();

/** Metadata as JSON, made once for all keys that share it. */
function metadataText(metadata: object): string {
  let text = metadataTexts.get(metadata);
  if (text === undefined) metadataTexts.set(metadata, (text = JSON.stringify(metadata)));
  return text;
}

function acceptedText(
  { key, limits, signature }: Verdict,
  { permissions, scopeId }: Pick<VerificationRequest, 'permissions' | 'scopeId'>,
  requestId: string,
): string {
  const { record, traits, rights } = key!;
  const signed = signature === null ? '' : `,"signature":${JSON.stringify(signature)}`;
  const account = traits.serviceAccountId === null ? 'null' : `"${traits.serviceAccountId}"`;
  return `{"valid":true,"code":"VALID","status":200,"requestId":${quote(requestId)},"keyId":"${record.id}","name":${quote(record.name)},"environment":"${traits.environment}","serviceAccountId":${account},${rights.judge(permissions, scopeId).text},"expiresAt":${key!.expiryText},"metadata":${metadataText(traits.metadata)},"limits":${limitsText(limits)},"retryAfter":null${signed}}`;
}

/**
 * The answer to a verification as JSON, a {@link VerifyAnswer}. With a scope asked for, `permissions` are those held there.
 * Made as text, since this is most of what an answer costs, and most of it is the same from one to the next.
 */
export function answerText(
  verdict: Verdict,
  asked: Pick<VerificationRequest, 'permissions' | 'scopeId'>,
  requestId: string,
): string {
  const { code, key, limits, status, message, retryAfterSeconds } = verdict;
  if (code === 'VALID') return acceptedText(verdict, asked, requestId);
  return JSON.stringify({
    valid: false,
    code,
    status,
    requestId,
    message,
    retryAfter: retryAfterSeconds,
    ...(status === 429 ? { limits } : {}),
    ...(key ? { keyId: key.id } : {}),
  } satisfies RefusedAnswer);
}

/** The same for one of several that there is no verdict on. */
export const unavailableText = (
  { code, status, message, retryAfterSeconds }: AppError,
  requestId: string,
): string =>
  JSON.stringify({
    valid: false,
    code,
    status,
    requestId,
    message,
    retryAfter: retryAfterSeconds ?? null,
  } satisfies RefusedAnswer);
