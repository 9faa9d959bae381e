import { expect, it, vi } from 'vitest';
import { KeyRing } from './key-ring.js';

const derive = vi.fn((id: number) => Buffer.alloc(32, id));

it('derives each key once, on first use', () => {
  const ring = new KeyRing(derive);
  expect(derive).not.toHaveBeenCalled();
  expect(ring.get(7)).toEqual(Buffer.alloc(32, 7));
  expect(ring.get(7)).toBe(ring.get(7));
  expect(derive).toHaveBeenCalledTimes(1);
});

it.each([0, -1, 65_536, 1.5, NaN, Infinity])('has no key %d', (id) => {
  expect(new KeyRing(derive).get(id)).toBeUndefined();
});

it('keeps working after any number of ids', () => {
  const ring = new KeyRing(derive);
  for (let id = 1; id <= 2000; id++) ring.get(id);
  expect(ring.get(65_535)).toEqual(Buffer.alloc(32, 65_535));
  expect(ring.get(1)).toEqual(Buffer.alloc(32, 1));
});
