import { describe, expect, it } from 'vitest';
import { hashToken, isToken, mintToken } from './random-token.js';

describe('a token', () => {
  it('has 256 random bits, and only its hash is stored', () => {
    const token = mintToken();
    expect(isToken(token)).toBe(true);
    expect(mintToken()).not.toBe(token);
    expect(hashToken(token)).toHaveLength(32);
    expect(hashToken(token).toString('base64url')).not.toBe(token);
  });

  it.each(['', 'short', 'a'.repeat(44), 'a'.repeat(42) + '=', `${'a'.repeat(43)}\n`, 'a'.repeat(1_000_000)])(
    'has no other form',
    (text) => {
      expect(isToken(text)).toBe(false);
    },
  );
});
