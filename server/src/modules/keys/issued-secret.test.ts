import { describe, expect, it } from 'vitest';
import { csvCell } from './issued-secret.js';

describe('a CSV cell', () => {
  it.each(['=1+1', '+1', '-1', '@a', '\ta', '\ra'])('neutralises %j', (text) => {
    expect(csvCell(text).replace(/^"/, '').startsWith("'")).toBe(true);
  });

  it('is quoted only where it must be', () => {
    expect(csvCell('billing')).toBe('billing');
    expect(csvCell('a,b')).toBe('"a,b"');
    expect(csvCell('say "hi"')).toBe('"say ""hi"""');
  });
});
