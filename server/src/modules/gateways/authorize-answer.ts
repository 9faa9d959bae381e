import { rateLimitHeaders } from '@keywright/schema/verdict-http';
import { AnswerHead } from '../verification/hot-request.js';
import type { IndexedKey } from '../verification/indexed-key.js';
import type { Judgement } from '../verification/key-rights.js';
import type { Verdict, VerificationRequest } from '../verification/verdict.js';
import { IDENTITY } from './reserved-headers.js';

/** Longest list in a header, in characters: gateways keep 4 KB for all headers of an answer. */
const MAX_LIST_LENGTH = 2000;

interface Held {
  readonly permissions: string;
  readonly scopes: string;
}

const known = new WeakMap<Judgement, Held>();

/** A list as a header; left out when it is too long for one, as if nothing were held. */
const listed = (names: readonly string[]): string => {
  const text = names.join(' ');
  return text.length > MAX_LIST_LENGTH ? '' : text;
};

/** What a key holds, made once for all keys that hold the same. */
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

/** A name as a header: percent-encoded as UTF-8 (RFC 3986) when it is more than plain ASCII. */
const nameText = (name: string): string => (PLAIN.test(name) ? name : encodeURIComponent(name));

/** What the gateway is told of a key, to be passed on to the service behind it; empty ones are left out. */
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

/** The status of a yes: 204, or 200 for gateways that take no other one for it. */
export type AcceptedStatus = 200 | 204;

interface MadeHead {
  readonly judgement: Judgement;
  readonly head: AnswerHead;
}

const heads = { 200: new WeakMap<IndexedKey, MadeHead>(), 204: new WeakMap<IndexedKey, MadeHead>() };

/** The part that is the same for all answers about a key, made once for as long as neither it nor the question changes. */
function headOf(key: IndexedKey, judgement: Judgement, status: AcceptedStatus): AnswerHead {
  const made = heads[status].get(key);
  if (made?.judgement === judgement) return made.head;
  const head = new AnswerHead(status, identityHeaders(key, heldOf(judgement)));
  heads[status].set(key, { judgement, head });
  return head;
}

/** The answer to a gateway that a request may pass: who calls, and where the limits stand. */
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

/** The answer that a request may pass whoever sends it. */
export const anybodyHead = (status: AcceptedStatus): AnswerHead => anybodyHeads[status];
