import { createHash, randomBytes } from 'node:crypto';

const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** A new token: 256 random bits as base64url. For sessions and single-use links. */
export const mintToken = (): string => randomBytes(32).toString('base64url');

/** Whether the text has the form of such a token; anything else never reaches the database. */
export const isToken = (text: string): boolean => TOKEN.test(text);

/** The stored form of a token. A token has full entropy, so a plain SHA-256 is enough. */
export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();
