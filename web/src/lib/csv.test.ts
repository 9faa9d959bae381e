import { describe, expect, it } from 'vitest';
import { csvCell, toCsv } from './csv.js';

describe('csv', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])('neutralises %j', (text) => {
    expect(csvCell(text)).toBe(`"'${text}"`);
  });
  it('quotes commas, quotes and line breaks', () => {
    expect(csvCell('a,"b"\n')).toBe('"a,""b""\n"');
  });
  it('writes one line per row', () => {
    expect(
      toCsv(
        ['Name', 'Usage'],
        [
          ['Billing', 3],
          [null, 0],
        ],
      ),
    ).toBe('Name,Usage\r\nBilling,3\r\n,0\r\n');
  });
});
