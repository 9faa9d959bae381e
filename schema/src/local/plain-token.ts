import type { DescribedRequest, VerifyQuestion } from '../client/verifier.js';
import { normalizeAddress } from '../ip-ranges.js';
import { isEnvironment } from '../verification/environment.js';
import { MAX_TOKEN_LENGTH } from '../verification/mask-token.js';
import {
  isCost,
  isQuestionText,
  MAX_HEADERS,
  MAX_METHOD_LENGTH,
  MAX_URL_LENGTH,
} from '../verification/question-limits.js';
import { findExpiryMembers, SIGNATURE_HEADERS } from '../signature-signs.js';
import { holdsToken, queryFault } from '../token-in-text.js';

/** The only value of X-API-KEY, null if absent, or undefined if the server must read the headers. */
function keyInHeaders(headers: unknown, named: string | undefined): string | null | undefined {
  if (headers === undefined) return null;
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return undefined;
  let key: string | null = null;
  let count = 0;
  for (const name in headers) {
    const value = (headers as Readonly<Record<string, unknown>>)[name];
    if (value === undefined) continue;
    count += Array.isArray(value) ? Math.max(value.length, 1) : 1;
    if (count > MAX_HEADERS) return undefined;
    const one = Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : value;
    if (typeof one !== 'string' && !isListOfTexts(one)) return undefined;
    switch (name.length) {
      case 9:
      case 11:
      case 13:
      case 15:
      case 16:
      case 17: {
        const lower = name.toLowerCase();
        if (lower === 'x-api-key') {
          if (key !== null || typeof one !== 'string' || one.includes(',')) return undefined;
          key = one;
        } else if (lower === 'authorization') {
          if (one !== '' && (named === undefined || typeof one !== 'string' || holdsToken(one)))
            return undefined;
        } else if (named === undefined && SIGNATURE_HEADERS.has(lower)) return undefined;
        break;
      }
      default:
    }
  }
  return key;
}

const isListOfTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');

/** Whether the server would accept the description of the request and find no credential in its URL. */
function isPlain(request: DescribedRequest, named: string | undefined): boolean {
  for (const member in request) {
    const value: unknown = request[member as keyof DescribedRequest];
    if (value === undefined) continue;
    switch (member) {
      case 'headers':
        break;
      case 'method':
        if (!isQuestionText(value, MAX_METHOD_LENGTH)) return false;
        break;
      case 'ip':
        if (typeof value !== 'string' || normalizeAddress(value) === undefined) return false;
        break;
      case 'url':
        if (!isQuestionText(value, MAX_URL_LENGTH) || !isPlainUrl(value, named)) return false;
        break;
      default:
        return false;
    }
  }
  return true;
}

const isPlainUrl = (url: string, named: string | undefined): boolean =>
  url.startsWith('/') &&
  (!url.includes('?') ||
    (queryFault(url) === undefined && (named !== undefined || findExpiryMembers(url) === null)));

/** Whether the server would accept the fields of the question other than `permission` and `scope`. */
function isWellFormed(question: VerifyQuestion): boolean {
  for (const member in question) {
    const value: unknown = question[member as keyof VerifyQuestion];
    if (value === undefined) continue;
    switch (member) {
      case 'key':
      case 'request':
      case 'permission':
      case 'scope':
        break;
      case 'environment':
        if (!isEnvironment(value)) return false;
        break;
      case 'cost':
        if (!isCost(value)) return false;
        break;
      case 'requestId':
        if (!isQuestionText(value)) return false;
        break;
      default:
        return false;
    }
  }
  return true;
}

/**
 * The token of a question with a single plain key, read as the server reads it. Undefined for anything else: a signed, ambiguous,
 * misplaced or malformed credential, which the server must judge.
 */
export function plainToken(question: VerifyQuestion): string | undefined {
  const { key, request } = question;
  if (!isWellFormed(question)) return undefined;
  if (key !== undefined && typeof key !== 'string') return undefined;
  let token: string | null | undefined = key;
  if (request !== undefined) {
    if (typeof request !== 'object' || request === null || !isPlain(request, key)) return undefined;
    const sent = keyInHeaders(request.headers, key);
    if (sent === undefined || (key !== undefined && sent !== null && sent !== key)) return undefined;
    token ??= sent;
  }
  return token == null || token === '' || token.length > MAX_TOKEN_LENGTH ? undefined : token;
}
