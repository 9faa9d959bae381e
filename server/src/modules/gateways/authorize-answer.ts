import { rateLimitHeaders } from '@keywright/schema/verdict-http';
import { AnswerHead } from '../verification/hot-request.js';
import type { IndexedKey } from '../replica/indexed-key.js';
import type { Judgement } from '../replica/key-rights.js';
import type { Verdict, VerificationRequest } from '../verification/verdict.js';
import { IDENTITY } from './reserved-headers.js';

/** Maximum characters of a list in a header: gateways reserve 4 KB for all headers of a response. */
const MAX_LIST_LENGTH = 2000;

interface Held {
  readonly permissions: string;
  readonly scopes: string;
}

const known = new WeakMap<Judgement, Held>();

/** A list as a header value; empty if it is too long, as if nothing were held. */
const listed = (names: readonly string[]): string => {
  const text = names.join(' ');
  return text.length > MAX_LIST_LENGTH ? '' : text;
};

/** What a key holds, built once for all keys that hold the same. */
function heldOf(judgement: Judgement): Held {
  let held = known.get(judgement);
  if (!held) {
    const { permissions, scopes } = JSON.parse(`{${judgement.text}}`) as {
      readonly permissions: readonly string[];
      readonly scopes: readonly string[];
    };
    held = { permissions: listed(permissions), scopes: listed(scopes) };
    known.set(judgement, held);
  }
  return held;
}

const PLAIN = /^[ !#-$&-~]*$/;

/** A name as a header value: percent-encoded UTF-8 (RFC 3986) unless it is plain ASCII. */
const nameText = (name: string): string => (PLAIN.test(name) ? name : encodeURIComponent(name));

/** Headers about the key that the gateway forwards to the service behind it; empty ones are omitted. */
function identityHeaders({ record, traits }: IndexedKey, held: Held): Record<string, string> {
  const headers: Record<string, string> = {
    'cache-control': 'no-store',
    [IDENTITY.keyId]: record.id,
    [IDENTITY.keyName]: nameText(record.name),
  };
  if (held.permissions !== '') headers[IDENTITY.permissions] = held.permissions;
  if (held.scopes !== '') headers[IDENTITY.scopes] = held.scopes;
  if (traits.serviceAccountId !== null) headers[IDENTITY.serviceAccountId] = traits.serviceAccountId;
  return headers;
}

/** The status of an accepted request: 204, or 200 for gateways that require it. */
export type AcceptedStatus = 200 | 204;

interface MadeHead {
  readonly judgement: Judgement;
  readonly head: AnswerHead;
}

const heads = { 200: new WeakMap<IndexedKey, MadeHead>(), 204: new WeakMap<IndexedKey, MadeHead>() };

/** The part that all answers about a key share, cached until the key or the question changes. */
function headOf(key: IndexedKey, judgement: Judgement, status: AcceptedStatus): AnswerHead {
  const made = heads[status].get(key);
  if (made?.judgement === judgement) return made.head;
  const head = new AnswerHead(status, identityHeaders(key, heldOf(judgement)));
  heads[status].set(key, { judgement, head });
  return head;
}

/** The answer to a gateway for an accepted request: the caller and the state of its limits. */
export function acceptedHead(
  { key, limits, signature }: Verdict,
  { permissions, scopeId }: Pick<VerificationRequest, 'permissions' | 'scopeId'>,
  status: AcceptedStatus,
): AnswerHead {
  const base = headOf(key!, key!.rights.judge(permissions, scopeId), status);
  if (limits.length === 0 && !signature) return base;
  const headers = rateLimitHeaders(limits);
  if (signature) headers[IDENTITY.signature] = `${signature.profile} body=${signature.body.toLowerCase()}`;
  return new AnswerHead(status, headers, base);
}

const CACHE_CONTROL = { 'cache-control': 'no-store' };
const anybodyHeads = { 200: new AnswerHead(200, CACHE_CONTROL), 204: new AnswerHead(204, CACHE_CONTROL) };

/** The answer for a request that is accepted from anyone. */
export const anybodyHead = (status: AcceptedStatus): AnswerHead => anybodyHeads[status];
