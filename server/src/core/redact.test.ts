import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logLine, redact } from './redact.js';

const SECRET = '0123456789ABCDEFGHIJabcdefghij0123456789ABCDEFGHIJ';

describe('redaction', () => {
  it('leaves ordinary paths alone', () => {
    expect(redact('/crm/customers?page=2&keyword=live')).toBe('/crm/customers?page=2&keyword=live');
  });

  it.each(['api_key', 'key', 'token', 'access_token', 'apikey', 'API-KEY', 'x-api-key'])(
    'hides the value of %s',
    (member) => {
      expect(redact(`/a?page=1&${member}=hunter2&b=2`)).toBe(`/a?page=1&${member}=[redacted]&b=2`);
    },
  );

  it('hides tokens of any brand wherever they stand', () => {
    fc.assert(
      fc.property(fc.constantFrom('live', 'stag', 'dev'), fc.string(), fc.string(), (mark, before, after) => {
        expect(redact(`${before}kw_${mark}_${SECRET}${after}`)).not.toContain(SECRET.slice(10));
      }),
    );
  });
});

describe('a log line', () => {
  it('stays one short line that PostgreSQL can store', () => {
    expect(logLine('a\nb\0c\u2028d\ud800', 100)).toBe('a b c d\ufffd');
    expect(logLine('x'.repeat(5000), 2000)).toHaveLength(2000);
    expect(logLine(`${'é'.repeat(1999)}😀`, 2000)!.isWellFormed()).toBe(true);
    expect(logLine(null, 5)).toBeNull();
  });

  it('shows nothing of a token that lies across its end', () => {
    expect(logLine(`${'/'.repeat(1980)}kw_live_${SECRET}`, 2000)).not.toContain('kw_live');
  });
});
