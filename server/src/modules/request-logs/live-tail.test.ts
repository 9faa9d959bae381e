import { expect, it } from 'vitest';
import { tailOf } from './live-tail.js';

it('passes on what matches, and at most fifty rows a second', () => {
  let nowMs = 10_000;
  const tail = tailOf({ method: 'GET' }, { now: () => nowMs });
  const rows = Array.from({ length: 80 }, (_, i) => ({ method: i % 2 === 0 ? 'GET' : 'POST' }));
  expect(tail(rows)).toHaveLength(40);
  expect(tail(rows)).toHaveLength(10);
  expect(tail(rows)).toHaveLength(0);
  nowMs += 1000;
  expect(tail(rows)).toHaveLength(40);
});
