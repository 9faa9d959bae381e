import { describe, expect, it } from 'vitest';
import { hashRecoveryCode, mintRecoveryCodes, readRecoveryCode } from './recovery-code.js';

describe('recovery codes', () => {
  it('are ten different ones that can be read back', () => {
    const codes = mintRecoveryCodes();
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) {
      expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){3}$/);
      expect(readRecoveryCode(code)).toBe(code.replaceAll('-', ''));
    }
  });

  it('are read regardless of case and separators', () => {
    expect(readRecoveryCode(' ABCD-EFGH jkmn oIl2\n')).toBe('abcdefghjkmn0112');
  });

  it.each([
    '',
    '123456',
    'abcd-efgh-jkmn-pqr',
    'abcd-efgh-jkmn-pqrst',
    'abcd-efgh-jkmn-pqr!',
    'é'.repeat(16),
  ])('cannot be: %j', (text) => {
    expect(readRecoveryCode(text)).toBeNull();
  });

  it('are hashed together with their user', () => {
    const [code] = mintRecoveryCodes().map((text) => readRecoveryCode(text)!);
    expect(hashRecoveryCode('usr_1', code!)).toEqual(hashRecoveryCode('usr_1', code!));
    expect(hashRecoveryCode('usr_1', code!)).not.toEqual(hashRecoveryCode('usr_2', code!));
  });
});
