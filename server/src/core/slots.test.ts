import { describe, expect, it } from 'vitest';
import { Slots } from './slots.js';

const holder = (callerId: string, customerId: string | null = null) => ({ callerId, customerId });
const code = (take: () => unknown): unknown => {
  try {
    take();
    return 'TAKEN';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('slots', () => {
  it('are limited per caller, per customer and in total', () => {
    const slots = new Slots('streams', { perCaller: 2, perCustomer: 3, total: 5 });
    const take = (callerId: string, customerId: string | null = null): unknown =>
      code(() => slots.take(holder(callerId, customerId)));
    expect([take('a', 'x'), take('a', 'x'), take('a', 'x')]).toEqual(['TAKEN', 'TAKEN', 'TOO_MANY_ATTEMPTS']);
    expect([take('b', 'x'), take('b', 'x')]).toEqual(['TAKEN', 'TOO_MANY_ATTEMPTS']);
    expect([take('c'), take('d'), take('e')]).toEqual(['TAKEN', 'TAKEN', 'UNAVAILABLE']);
  });

  it('are released only once, even if released repeatedly', () => {
    const slots = new Slots('streams', { perCaller: 1, perCustomer: 1, total: 10 });
    for (let i = 0; i < 20; i++) {
      const release = slots.take(holder('a', 'x'));
      release();
      release();
    }
    slots.take(holder('a', 'x'));
    expect(code(() => slots.take(holder('a', 'x')))).toBe('TOO_MANY_ATTEMPTS');
    expect(code(() => slots.take(holder('b', 'x')))).toBe('TOO_MANY_ATTEMPTS');
    expect(code(() => slots.take(holder('b', 'y')))).toBe('TAKEN');
  });
});
