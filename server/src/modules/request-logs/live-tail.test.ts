import { expect, it } from 'vitest';
import { tailOf } from './live-tail.js';

it('passes on what matches, and at most fifty rows a second', () => {
  let nowMs = 10_000;
  const tail = tailOf({ method: 'GET' }, { now: () => nowMs });
  const send = (method: string, times: number): number =>
    Array.from({ length: times }, () => tail({ method })).flat().length;
  expect(send('GET', 40)).toBe(40);
  expect(send('POST', 40)).toBe(0);
  expect(send('GET', 40)).toBe(10);
  nowMs += 1000;
  expect(send('GET', 40)).toBe(40);
});
