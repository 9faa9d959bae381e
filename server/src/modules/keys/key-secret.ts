import { randomBase62 } from './base62.js';
import type { KeyKind } from './key.js';
import { mintToken, type Environment } from './token.js';

const SIGNING_PREFIX = 'kws_';
/** 256 bits. */
const SIGNING_LENGTH = 43;

/** A new secret of a key, as text; `publicPart` finds a bearer token, while one that signs is found by the id of its key. */
export type NewSecret =
  | { readonly kind: 'BEARER'; readonly text: string; readonly publicPart: string }
  | { readonly kind: 'SIGNED'; readonly text: string };

/** Makes a secret for a key: a token that is sent, or `kws_` and 43 base62, which signs and is used as UTF-8 text. */
export function mintSecret(kind: KeyKind, brand: string, environment: Environment): NewSecret {
  if (kind === 'SIGNED') return { kind, text: SIGNING_PREFIX + randomBase62(SIGNING_LENGTH) };
  const { token, publicPart } = mintToken(brand, environment);
  return { kind, text: token, publicPart };
}

/** Purpose of the box that signing secrets are sealed with. */
export const SIGNING_SECRET_BOX = 'signing secret';

/** What a signing secret is sealed about: it opens for no other key, and no other secret of the same key. */
export const aboutSigningSecret = (keyId: string, secretVersion: number): readonly string[] => [
  SIGNING_SECRET_BOX,
  keyId,
  String(secretVersion),
];
