import type { RefusedAnswer, UndecidedAnswer } from '@keywright/schema/client';
import type { LimitState } from '@keywright/schema/verdict-http';
import type { AppError } from '../../core/errors.js';
import type { Verdict, VerificationRequest } from './verdict.js';

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

/** Metadata as JSON, built once for all keys that share it. */
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
 * The answer to a verification as JSON, a {@link VerifyAnswer}. If a scope was requested, `permissions` are those
 * held there. Built as text, since serialization dominates the cost of an answer and most of it repeats.
 */
export function answerText(
  verdict: Verdict,
  asked: Pick<VerificationRequest, 'permissions' | 'scopeId'>,
  requestId: string,
): string {
  const { code, key, limits, status, message, retryAfterSeconds } = verdict;
  if (code === 'VALID' || status === 200) return acceptedText(verdict, asked, requestId);
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

/** The same for one question of a batch that has no verdict. */
export const unavailableText = (
  { message, retryAfterSeconds }: Pick<AppError, 'message' | 'retryAfterSeconds'>,
  requestId: string,
): string =>
  JSON.stringify({
    valid: false,
    code: 'UNAVAILABLE',
    status: 503,
    requestId,
    message,
    retryAfter: retryAfterSeconds ?? null,
  } satisfies UndecidedAnswer);
