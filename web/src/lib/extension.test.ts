import { expect, it } from 'vitest';
import { extendedBy, namesOf, shortenedTo } from './extension.js';

const now = Date.parse('2026-03-04T12:00:00Z');
const keys = [
  { name: 'Past', expiresAt: '2026-01-01T00:00:00.000Z' },
  { name: 'Late', expiresAt: '2031-01-01T00:00:00.000Z' },
  { name: 'Never', expiresAt: null },
];

it('starts at today or the current expiry, whichever is later', () => {
  expect(extendedBy(30, '2026-01-01T00:00:00.000Z', now)).toBe('2026-04-03T23:59:59.000Z');
  expect(extendedBy(30, '2026-05-01T00:30:00.000Z', now)).toBe('2026-05-31T00:30:00.000Z');
});

it('finds the keys that a date would shorten', () => {
  expect(shortenedTo('2030-01-01T23:59:59.000Z', keys).map(({ name }) => name)).toEqual(['Late', 'Never']);
  expect(shortenedTo('2031-01-01T00:00:00.000Z', keys).map(({ name }) => name)).toEqual(['Never']);
});

it('names keys in a sentence', () => {
  expect(namesOf(keys)).toBe('Past, Late and Never');
  expect(namesOf(keys.slice(0, 1))).toBe('Past');
  expect(namesOf([...keys, ...keys, ...keys])).toBe('Past, Late, Never, Past, Late and 4 more');
});
