import { createHash, randomBytes } from 'node:crypto';

const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** A fresh token: 256 random bits as base64url. For sessions and for links that work once. */
export const mintToken = (): string => randomBytes(32).toString('base64url');

/** Whether the text could be such a token; anything else never reaches a store. */
export const isToken = (text: string): boolean => TOKEN.test(text);

/** What is stored of a token. It has full entropy, so a plain SHA-256 is enough. */
export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();
