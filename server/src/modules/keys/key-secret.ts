import { randomBase62 } from './base62.js';
import type { KeyKind } from './key.js';
import type { Environment } from '@keywright/schema/environment';
import { mintToken } from './token.js';

const SIGNING_PREFIX = 'kws_';
/** 256 bits. */
const SIGNING_LENGTH = 43;

/** A new secret as text. A bearer token is found by its `publicPart`, a signing secret by the id of its key. */
export type NewSecret =
  | { readonly kind: 'BEARER'; readonly text: string; readonly publicPart: string }
  | { readonly kind: 'SIGNED'; readonly text: string };

/**
 * Creates a secret for a key: a token that is sent, or a signing secret of `kws_` and 43 base62 characters, used as
 * UTF-8 text.
 */
export function mintSecret(kind: KeyKind, brand: string, environment: Environment): NewSecret {
  if (kind === 'SIGNED') return { kind, text: SIGNING_PREFIX + randomBase62(SIGNING_LENGTH) };
  const { token, publicPart } = mintToken(brand, environment);
  return { kind, text: token, publicPart };
}

/** Purpose of the box that seals signing secrets. */
export const SIGNING_SECRET_BOX = 'signing secret';

/**
 * Additional authenticated data of a sealed signing secret: it opens for no other key and for no other secret of the
 * same key.
 */
export const aboutSigningSecret = (keyId: string, secretVersion: number): readonly string[] => [
  SIGNING_SECRET_BOX,
  keyId,
  String(secretVersion),
];
