import { createHmac, randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { KeyRing } from './key-ring.js';
import { SecretBox, sealedWith } from './secret-box.js';

let currentId = 1;
const newBox = (): SecretBox => {
  const master = randomBytes(32);
  const keys = new KeyRing((id) => createHmac('sha256', master).update(String(id)).digest());
  return new SecretBox(keys, () => currentId);
};
const box = newBox();
const secret = Buffer.from('twenty secret bytes!');
const about = ['totp', 'usr_1'];
beforeEach(() => {
  currentId = 1;
});

describe('a sealed secret', () => {
  it('opens with the same `about`, and never looks the same twice', () => {
    const sealed = box.seal(secret, about);
    expect(box.open(sealed, about)).toEqual(secret);
    expect(sealed.includes(secret)).toBe(false);
    expect(box.seal(secret, about).equals(sealed)).toBe(false);
  });

  it.each([[['totp', 'usr_2']], [['other', 'usr_1']], [['totpusr_1']], [['totp', 'usr_1', '']], [[]]])(
    'does not open with `about` %j',
    (other) => {
      expect(box.open(box.seal(secret, about), other)).toBeNull();
    },
  );

  it.each([1, 2, 255, 256, 258, 65_535])('names key %d and opens after another key is in use', (id) => {
    currentId = id;
    const sealed = box.seal(secret, about);
    expect(sealedWith(sealed)).toBe(id);
    expect(sealed).toHaveLength(12 + secret.length + 16 + (id > 255 ? 3 : 1));
    currentId = 77;
    expect(box.open(sealed, about)).toEqual(secret);
  });

  it('keeps the format from before there were several keys', () => {
    const sealed = box.seal(secret, about);
    expect(sealed[0]).toBe(1);
    expect(box.open(Buffer.concat([Buffer.of(0, 0), sealed]), about)).toBeNull();
  });

  it('cannot be sealed with a key that does not exist', () => {
    currentId = 65_536;
    expect(() => box.seal(secret, about)).toThrow('does not exist');
  });

  it.each([1, 300])('of key %d does not open with another key, a flipped bit or a truncated tag', (id) => {
    currentId = id;
    const sealed = box.seal(secret, about);
    expect(newBox().open(sealed, about)).toBeNull();
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
