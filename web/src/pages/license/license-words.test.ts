import { describe, expect, it } from 'vitest';
import { percentUsed, stateOf, usageWords, type License } from './license-words.js';

const now = Date.parse('2026-03-04T12:00:00Z');
const license = (
  usedKeys: number,
  maximumKeys: number | null,
  validUntil: string | null = null,
): License => ({
  usedKeys,
  maximumKeys,
  holder: null,
  validUntil,
  source: 'SETTING',
});

describe('license', () => {
  it('shows its status', () => {
    expect(stateOf(license(7, 25), now)).toBe('fine');
    expect(stateOf(license(23, 25), now)).toBe('close');
    expect(stateOf(license(25, 25), now)).toBe('full');
    expect(stateOf(license(7, null), now)).toBe('unlimited');
    expect(stateOf(license(7, 25, '2026-03-01T00:00:00Z'), now)).toBe('ended');
  });

  it('shows how many more keys can be created', () => {
    expect(usageWords(license(24, 25))).toBe('1 more key can be created.');
    expect(usageWords(license(25, 25))).toBe('No more keys can be created.');
    expect(usageWords(license(27, 25))).toBe('2 keys above the limit; no more can be created.');
    expect(usageWords(license(1_200, null))).toBe('Create as many as you like.');
  });

  it('never fills the meter beyond the end', () => {
    expect(percentUsed(license(7, 25))).toBe(28);
    expect(percentUsed(license(27, 25))).toBe(100);
    expect(percentUsed(license(0, 0))).toBe(100);
  });
});
