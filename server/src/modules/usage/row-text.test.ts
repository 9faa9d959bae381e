import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cleanRow } from '../request-logs/request-log.js';
import { rowText } from './row-text.js';

const text = fc.option(
  fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ maxLength: 40 }),
    fc.constantFrom('', '"', '\\', 'kw_live_…abcd', 'ünï', '/a?b=%22', '\ud83d\ude00', '\u2028'),
  ),
  { nil: null },
);

it('is the cleaned row as JSON, in ASCII, whatever its texts are', () => {
  fc.assert(
    fc.property(
      fc.record({
        id: fc.string(),
        maskedSecret: text,
        status: fc.constantFrom(200, 401),
        method: text,
        path: text,
        permission: text,
        scopeId: text,
        ip: text,
        userAgent: text,
        latencyMicroseconds: fc.option(fc.nat(), { nil: null }),
      }),
      (row) => {
        const made = rowText(row);
        expect(made).toMatch(/^[\x20-\x7e]*$/);
        expect(JSON.parse(made)).toEqual(cleanRow(row));
      },
    ),
  );
});
