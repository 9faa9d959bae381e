import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { directoryOf } from '../access/decide/access.fixture.js';
import { keyRecord } from './indexed-key.fixture.js';
import { KeyIndex } from './key-index.js';

describe('the key index', () => {
  it('finds a key by the public parts of its current and previous secret only', () => {
    const index = new KeyIndex(directoryOf());
    index.apply(keyRecord());
    const previous = { publicPart: 'aaa', digest: '\0'.repeat(32), pepperId: 1, endsAtMs: 5 };
    index.apply(keyRecord({ version: 2, publicPart: 'bbb', previous }));
    expect(index.find('bbb')?.id).toBe('key_1');
    expect(index.find('aaa')).toBe(index.find('bbb'));
    index.apply(keyRecord({ version: 3, publicPart: 'ccc' }));
    expect(index.find('aaa')).toBeUndefined();
    expect(index.find('bbb')).toBeUndefined();
    index.remove('key_1');
    expect(index.find('ccc')).toBeUndefined();
    expect(index.size).toBe(0);
  });

  it('reaches the same state in whatever order and however often changes are applied', () => {
    const versions = [1, 2, 3, 4].map((version) => keyRecord({ version, publicPart: `p${version}` }));
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...versions), { maxLength: 20 }), (order) => {
        const index = new KeyIndex(directoryOf());
        for (const change of [...order, versions[3]!, ...order]) index.apply(change);
        expect(index.get('key_1')?.record.version).toBe(4);
        expect(['p1', 'p2', 'p3', 'p4'].filter((part) => index.find(part))).toEqual(['p4']);
      }),
    );
  });

  it('takes over the whole of another index', () => {
    const index = new KeyIndex(directoryOf());
    index.apply(keyRecord());
    const other = new KeyIndex(directoryOf());
    other.apply(keyRecord({ id: 'key_2', publicPart: 'zzz' }));
    index.replaceWith(other);
    expect(index.get('key_1')).toBeUndefined();
    expect(index.find('zzz')?.id).toBe('key_2');
  });
});
