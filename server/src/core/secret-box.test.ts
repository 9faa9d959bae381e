import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SecretBox } from './secret-box.js';

const box = new SecretBox(randomBytes(32));
const secret = Buffer.from('twenty secret bytes!');
const about = ['totp', 'usr_1'];

describe('a sealed secret', () => {
  it('opens for what it was sealed about, and never looks the same twice', () => {
    const sealed = box.seal(secret, about);
    expect(box.open(sealed, about)).toEqual(secret);
    expect(sealed.includes(secret)).toBe(false);
    expect(box.seal(secret, about).equals(sealed)).toBe(false);
  });

  it.each([[['totp', 'usr_2']], [['other', 'usr_1']], [['totpusr_1']], [['totp', 'usr_1', '']], [[]]])(
    'does not open about %j',
    (other) => {
      expect(box.open(box.seal(secret, about), other)).toBeNull();
    },
  );

  it('does not open with another key, one bit changed, or a shorter tag', () => {
    const sealed = box.seal(secret, about);
    expect(new SecretBox(randomBytes(32)).open(sealed, about)).toBeNull();
    for (let i = 0; i < sealed.length; i++) {
      const changed = Buffer.from(sealed);
      changed[i]! ^= 1;
      expect(box.open(changed, about), `byte ${i}`).toBeNull();
    }
    for (const length of [0, 1, 13, 28, sealed.length - 12, sealed.length - 1]) {
      expect(box.open(sealed.subarray(0, length), about), `${length} bytes`).toBeNull();
    }
  });
});
