import fc from 'fast-check';
import { expect, it } from 'vitest';
import { StringHashTable } from './string-hash-table.js';

interface Item {
  readonly names: readonly string[];
  readonly n: number;
}

it('behaves like a Map, whatever is added and removed', () => {
  const name = fc.integer({ min: 0, max: 3000 }).map((n) => `name ${n}`);
  const step = fc.oneof(
    fc.tuple(fc.constant('set' as const), name, fc.nat()),
    fc.tuple(fc.constant('delete' as const), name, fc.nat()),
  );
  fc.assert(
    fc.property(fc.array(step, { minLength: 100, maxLength: 6000, size: 'max' }), (steps) => {
      const table = new StringHashTable<Item>((item, text) => item.names.includes(text));
      const model = new Map<string, Item>();
      for (const [what, text, n] of steps) {
        if (what === 'set') {
          const item = { names: [text], n };
          table.set(text, item);
          model.set(text, item);
        } else {
          table.delete(text);
          model.delete(text);
        }
      }
      expect(table.size).toBe(model.size);
      for (let n = 0; n <= 3000; n++) expect(table.get(`name ${n}`)).toBe(model.get(`name ${n}`));
      expect(new Set(table.values())).toEqual(new Set(model.values()));
    }),
    // Each takes up to 6,000 steps.
    { numRuns: 30 },
  );
});

it('finds one item under two strings', () => {
  const table = new StringHashTable<Item>((item, text) => item.names.includes(text));
  const item = { names: ['new', 'old'], n: 1 };
  table.set('new', item);
  table.set('old', item);
  expect([table.get('new'), table.get('old'), table.get('none')]).toEqual([item, item, undefined]);
  table.delete('old');
  expect([table.get('new'), table.get('old')]).toEqual([item, undefined]);
});
