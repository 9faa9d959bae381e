import { rateLimitHeaders } from '@keywright/schema/verdict-http';
import type { Judgement } from '../verification/key-rights.js';
import type { Verdict, VerificationRequest } from '../verification/verdict.js';
import { IDENTITY } from './identity-headers.js';

/** Longest list in a header, in characters: gateways keep 4 KB for all headers of an answer. */
const LONGEST_LIST = 2000;

interface Held {
  readonly permissions: string;
  readonly scopes: string;
}

const known = new WeakMap<Judgement, Held>();

/** A list as a header; left out when it is too long for one, as if nothing were held. */
const listed = (names: readonly string[]): string => {
  const text = names.join(' ');
  return text.length > LONGEST_LIST ? '' : text;
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

/** What the gateway is told of an accepted key, to be passed on to the service behind it; empty ones are left out. */
export function identityHeaders(
  { key, limits, signature }: Verdict,
  { permissions, scopeId }: Pick<VerificationRequest, 'permissions' | 'scopeId'>,
): Record<string, string> {
  const { record, traits, rights } = key!;
  const held = heldOf(rights.judge(permissions, scopeId));
  const headers: Record<string, string> = {
    [IDENTITY.keyId]: record.id,
    [IDENTITY.keyName]: nameText(record.name),
  };
  if (held.permissions !== '') headers[IDENTITY.permissions] = held.permissions;
  if (held.scopes !== '') headers[IDENTITY.scopes] = held.scopes;
  if (traits.serviceAccountId !== null) headers[IDENTITY.serviceAccountId] = traits.serviceAccountId;
  if (signature) headers[IDENTITY.signature] = `${signature.profile} body=${signature.body.toLowerCase()}`;
  return Object.assign(headers, rateLimitHeaders(limits));
}
