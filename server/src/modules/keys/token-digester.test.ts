import fc from 'fast-check';
import { expect, it } from 'vitest';
import { digestToken } from './token.js';
import { TokenDigester } from './token-digester.js';

it('computes the same as the HMAC-SHA-256 of the library, for any pepper and token', () => {
  const ascii = fc.string({ unit: 'grapheme-ascii', maxLength: 80 });
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.array(ascii), (bytes, tokens) => {
      const pepper = Buffer.from(bytes);
      const digester = new TokenDigester(pepper);
      for (const token of tokens) {
        expect(Buffer.from(digester.digest(token), 'latin1')).toEqual(digestToken(pepper, token));
      }
    }),
  );
});
