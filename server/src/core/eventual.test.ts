import { expect, test } from 'vitest';
import { attempt, whenKnown } from './eventual.js';

const add = (value: number, more: number): number => value + more;

test('a known value continues immediately, and a promise once it is fulfilled', async () => {
  expect(whenKnown(1, add, 2)).toBe(3);
  const later = whenKnown(Promise.resolve(1), add, 2);
  expect(later).toBeInstanceOf(Promise);
  expect(await later).toBe(3);
});

test('a continuation can itself wait', async () => {
  expect(await whenKnown(1, (value, more: number) => Promise.resolve(value + more), 2)).toBe(3);
});

const recover = (error: unknown, name: string): string => `${name}: ${(error as Error).message}`;

test('a thrown error is recovered from immediately, and a rejection later', async () => {
  const fail = (): never => {
    throw new Error('no');
  };
  expect(attempt(fail, recover, 'a')).toBe('a: no');
  const later = attempt(() => Promise.reject(new Error('no')), recover, 'b');
  expect(later).toBeInstanceOf(Promise);
  expect(await later).toBe('b: no');
});

test('success is left untouched', async () => {
  expect(attempt((name) => name, recover, 'a')).toBe('a');
  expect(await attempt((name) => Promise.resolve(name), recover, 'b')).toBe('b');
});

test('an error during recovery is not recovered from again', () => {
  const calls: string[] = [];
  const run = (): string => {
    throw new Error('first');
  };
  expect(() =>
    attempt(
      run,
      (error) => {
        calls.push((error as Error).message);
        throw error;
      },
      null,
    ),
  ).toThrow('first');
  expect(calls).toEqual(['first']);
});
