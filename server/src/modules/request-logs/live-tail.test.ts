import { expect, it } from 'vitest';
import { heldAtRoot } from '../access/decide/access.fixture.js';
import { tailOf } from './live-tail.js';

it('sends matching rows, at most fifty a second', () => {
  let nowMs = 10_000;
  const tail = tailOf({ method: 'GET' }, heldAtRoot('keywright.logs.read'), { now: () => nowMs });
  const send = (method: string, times: number): number =>
    Array.from({ length: times }, () => tail({ method, keyScopeId: null })).flat().length;
  expect(send('GET', 40)).toBe(40);
  expect(send('POST', 40)).toBe(0);
  expect(send('GET', 40)).toBe(10);
  nowMs += 1000;
  expect(send('GET', 40)).toBe(40);
});
