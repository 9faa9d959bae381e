import { describe, expect, it } from 'vitest';
import { refusalOf, termsOf, type SignedLicense } from './license.js';

const END = Date.parse('2031-01-01T00:00:00Z');
const file: SignedLicense = { holder: 'Example GmbH', maximumKeys: 10, validUntil: new Date(END) };

describe('the terms', () => {
  it.each([
    [undefined, undefined, { maximumKeys: null, holder: null, source: 'NONE' }],
    [undefined, 0, { maximumKeys: 0, holder: null, source: 'SETTING' }],
    [file, undefined, { maximumKeys: 10, holder: 'Example GmbH', source: 'FILE' }],
    [file, 9, { maximumKeys: 9, holder: 'Example GmbH', source: 'SETTING' }],
    [file, 10, { maximumKeys: 10, holder: 'Example GmbH', source: 'FILE' }],
    [file, 11, { maximumKeys: 10, holder: 'Example GmbH', source: 'FILE' }],
  ] as const)('are the smaller of %o and %o', (license, setting, terms) => {
    expect(termsOf(license, setting)).toMatchObject(terms);
  });
});

describe('another key', () => {
  it('is admitted up to the limit, and always without one', () => {
    expect(refusalOf(termsOf(undefined, undefined), 1e9, END)).toBeUndefined();
    expect(refusalOf(termsOf(file, undefined), 9, END - 1)).toBeUndefined();
  });

  it('is rejected from the limit on, with both numbers', () => {
    for (const used of [10, 11]) {
      const refusal = refusalOf(termsOf(file, undefined), used, END - 1);
      expect(refusal).toMatchObject({ code: 'LICENSE_LIMIT_REACHED', allowance: { used, maximum: 10 } });
    }
    expect(refusalOf(termsOf(undefined, 0), 0, 0)).toMatchObject({ allowance: { used: 0, maximum: 0 } });
  });

  it('is rejected after the license has expired, even if a setting is the smaller limit', () => {
    const refusal = refusalOf(termsOf(file, 5), 0, END);
    expect(refusal).toMatchObject({ code: 'LICENSE_LIMIT_REACHED', allowance: { used: 0, maximum: 5 } });
    expect(refusal?.message).toContain('expired at 2031-01-01T00:00:00.000Z');
  });
});
