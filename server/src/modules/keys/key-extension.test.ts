import { describe, expect, it } from 'vitest';
import { checkExtension, extendedExpiry, type Extension } from './key-extension.js';

const now = Date.parse('2026-03-04T12:00:00Z');
const at = (text: string): Date => new Date(text);
const by = (extension: Partial<Extension>): Extension => ({
  expiresAt: undefined,
  days: undefined,
  shorten: false,
  ...extension,
});
const extended = (present: string | null, extension: Partial<Extension>): string | null =>
  extendedExpiry(present === null ? null : at(present), by(extension), now)?.toISOString() ?? null;

describe('extending by days', () => {
  it('starts at the later of today and the current expiry', () => {
    expect(extended('2026-05-01T23:59:59Z', { days: 30 })).toBe('2026-05-31T23:59:59.000Z');
    expect(extended('2026-05-01T00:30:00Z', { days: 1 })).toBe('2026-05-02T00:30:00.000Z');
    expect(extended('2026-03-04T11:00:00Z', { days: 1 })).toBe('2026-03-05T23:59:59.000Z');
    expect(extended('2026-03-04T18:00:00Z', { days: 1 })).toBe('2026-03-05T23:59:59.000Z');
    expect(extended('2020-01-01T00:00:00Z', { days: 30 })).toBe('2026-04-03T23:59:59.000Z');
  });

  it('sets no expiry on a key that never expires, unless requested', () => {
    expect(() => extended(null, { days: 30 })).toThrow(/never expires/);
    expect(extended(null, { days: 30, shorten: true })).toBe('2026-04-03T23:59:59.000Z');
  });

  it('stays within the representable years', () => {
    expect(() => extended('9999-12-31T00:00:00Z', { days: 1 })).toThrow(/year 10000/);
  });
});

describe('extending to a date', () => {
  it('shortens only if requested', () => {
    const expiresAt = at('2026-06-01T00:00:00Z');
    expect(extended('2026-05-01T00:00:00Z', { expiresAt })).toBe('2026-06-01T00:00:00.000Z');
    expect(extended('2026-06-01T00:00:00Z', { expiresAt })).toBe('2026-06-01T00:00:00.000Z');
    expect(() => extended('2026-06-01T00:00:00.001Z', { expiresAt })).toThrow(/2026-06-01T00:00:00.001Z/);
    expect(() => extended(null, { expiresAt })).toThrow(/never expires/);
    expect(extended('2026-07-01T00:00:00Z', { expiresAt, shorten: true })).toBe('2026-06-01T00:00:00.000Z');
    expect(extended(null, { expiresAt, shorten: true })).toBe('2026-06-01T00:00:00.000Z');
  });

  it('in the past is rejected', () => {
    expect(() => extended('2020-01-01T00:00:00Z', { expiresAt: new Date(now) })).toThrow(/future/);
  });

  it('to null shortens nothing', () => {
    for (const present of [null, '2026-06-01T00:00:00Z'])
      expect(extended(present, { expiresAt: null })).toBeNull();
  });
});

it('takes either a date or days', () => {
  expect(() => checkExtension(by({}))).toThrow();
  expect(() => checkExtension(by({ expiresAt: null, days: 1 }))).toThrow();
  for (const days of [0, -1, 3651]) expect(() => checkExtension(by({ days }))).toThrow();
  for (const good of [by({ expiresAt: null }), by({ days: 1 }), by({ days: 3650 })]) {
    expect(() => checkExtension(good)).not.toThrow();
  }
});
