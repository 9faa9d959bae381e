import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { KeyRing } from './key-ring.js';
import { countSealed, reseal, type SealedRows } from './sealed-rows.js';
import { sealedWith, SecretBox } from './secret-box.js';

const keys = new KeyRing((id) => Buffer.alloc(32, id));
let currentId = 1;
const box = new SecretBox(keys, () => currentId);
let kept: Map<string, Buffer>;
let replaced: string[];
const about = (id: string): string[] => ['secret', id];

const rows: SealedRows = {
  name: 'secrets',
  purpose: 'test',
  about,
  async after(id, limit) {
    const ids = [...kept.keys()].sort().filter((other) => other > id);
    return ids.slice(0, limit).map((id) => ({ id, sealed: kept.get(id)! }));
  },
  async replace(id, before, after) {
    replaced.push(id);
    if (kept.get(id)?.equals(before)) kept.set(id, after);
  },
};

beforeEach(() => {
  currentId = 1;
  replaced = [];
  kept = new Map();
  for (let i = 1000; i < 1450; i++)
    kept.set(`row ${i}`, box.seal(Buffer.from(`secret ${i}`), about(`row ${i}`)));
  currentId = 2;
});

describe('resealing', () => {
  it('moves every secret to the new key once and keeps its content', async () => {
    expect(await reseal(rows, box, 2)).toEqual({ moved: 450, broken: 0 });
    for (const [id, sealed] of kept) {
      expect(sealedWith(sealed)).toBe(2);
      expect(box.open(sealed, about(id))).toEqual(Buffer.from(id.replace('row', 'secret')));
    }
    expect(await reseal(rows, box, 2)).toEqual({ moved: 0, broken: 0 });
    expect(replaced).toHaveLength(450);
  });

  it('continues after an interruption', async () => {
    let left = 100;
    const failing: SealedRows = {
      ...rows,
      async replace(...change) {
        if (left-- === 0) throw new Error('interrupted');
        await rows.replace(...change);
      },
    };
    await expect(reseal(failing, box, 2)).rejects.toThrow('interrupted');
    expect(await reseal(rows, box, 2)).toEqual({ moved: 350, broken: 0 });
  });

  it('leaves secrets that do not open unchanged and counts them', async () => {
    const foreign = randomBytes(60);
    kept.set('row 1200', foreign);
    kept.set('row 1201', Buffer.alloc(0));
    expect(await reseal(rows, box, 2)).toEqual({ moved: 448, broken: 2 });
    expect(kept.get('row 1200')).toBe(foreign);
  });

  it('reseals the current value of a secret that is replaced during the pass', async () => {
    const racing: SealedRows = {
      ...rows,
      async replace(id, before, after) {
        if (id === 'row 1300' && replaced.length < 400) {
          currentId = 1;
          kept.set(id, box.seal(Buffer.from('newer'), about(id)));
          currentId = 2;
        }
        await rows.replace(id, before, after);
      },
    };
    await reseal(racing, box, 2);
    expect(sealedWith(kept.get('row 1300')!)).toBe(2);
    expect(box.open(kept.get('row 1300')!, about('row 1300'))).toEqual(Buffer.from('newer'));
  });
});

it('counts secrets by key, and those that do not open', async () => {
  kept.set('row 1000', box.seal(Buffer.from('x'), about('row 1000')));
  kept.set('row 1001', kept.get('row 1002')!);
  const { byKey, broken } = await countSealed(rows, box);
  expect([...byKey]).toEqual([
    [2, 1],
    [1, 448],
  ]);
  expect(broken).toBe(1);
});
