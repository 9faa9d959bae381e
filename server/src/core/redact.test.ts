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

  it.each([
    'client_secret',
    'clientSecret',
    'client-secret',
    'pwd',
    'db_pwd',
    'passwd',
    'passphrase',
    'refresh_token',
    'id_token',
    'private_key',
    'X-Amz-Signature',
    'sig',
    'credentials',
    'oauth[client_secret]',
    'client%5Fsecret',
    'pw%64',
  ])('hides the value of %s anywhere', (member) => {
    expect(redact(`/a?page=1&${member}=hunter2&b=2`)).toBe(`/a?page=1&${member}=[redacted]&b=2`);
    expect(redact(`${member}=hunter2`)).toBe(`${member}=[redacted]`);
    expect(redact(`sent ${member}=hunter2 to it`)).toBe(`sent ${member}=[redacted] to it`);
  });

  it.each([
    ['/a#access_token=hunter2', '/a#access_token=[redacted]'],
    ['/a/client_secret=hunter2', '/a/client_secret=[redacted]'],
    ['/a?q=client_secret%3Dhunter2&b=2', '/a?q=client_secret%3D[redacted]&b=2'],
    ['/a?to=%2Fcb%3Fpwd%253Dhunter2%26c&b=2', '/a?to=%2Fcb%3Fpwd%253D[redacted]&b=2'],
    ['/a?client&#95;secret=hunter2', '/a?client&#95;secret=[redacted]'],
    ['/a?secretKey=hunter2&dbPassword=hunter2', '/a?secretKey=[redacted]&dbPassword=[redacted]'],
    ['/a?b={"client_secret":"hunter2","c":1}', '/a?b={"client_secret":[redacted],"c":1}'],
    ['/a?b={"password": "hun\\"ter2 x", "c": 1}', '/a?b={"password": [redacted], "c": 1}'],
    ["{'pwd': 'hunter2', 'c': 1}", "{'pwd': [redacted], 'c': 1}"],
    ['{"a":"{\\"pwd\\":\\"hunter2\\",\\"c\\":1}"}', '{"a":"{\\"pwd\\":[redacted]\\",\\"c\\":1}"}'],
    ['{"key":12345678}', '{"key":[redacted]}'],
    [
      '/a?b=%7B%22client_secret%22%3A%22hunter2%22%2C%22c%22%3A1%7D',
      '/a?b=%7B%22client_secret%22%3A[redacted]%2C%22c%22%3A1%7D',
    ],
    ['/a?b=%7B%22pw%64%22:+%22hunter2', '/a?b=%7B%22pw%64%22:+[redacted]'],
    ['{"client\\u005fsecret":"hunter2"}', '{"client\\u005fsecret":[redacted]}'],
  ])('hides the secret in %s', (text, redacted) => {
    expect(redact(text)).toBe(redacted);
  });

  it.each(['/v1/key:rotate', '{"keyword":"live","key_id":1}', '/a?sort=name&key_id=1'])(
    'leaves %s alone',
    (text) => expect(redact(text)).toBe(text),
  );

  it.each(['monkey', 'keyword', 'tokens_used', 'design', 'compass', 'key_id'])(
    'leaves %s alone',
    (member) => {
      expect(redact(`/a?${member}=b`)).toBe(`/a?${member}=b`);
    },
  );

  it.each([
    '&#95;',
    '&#x5f;',
    '&#X005F;',
    '&lowbar;',
    '&#38;#95;',
    '\\u005f',
    '\\x5F',
    '\uff3f',
    '%26%2395%3B',
  ])('hides tokens whose underscores are written as %s', (underscore) => {
    const token = `kw_live_${SECRET}`.replaceAll('_', underscore);
    expect(redact(`/a?q=${token}`)).not.toContain(SECRET.slice(10));
    expect(redact(token)).not.toContain(SECRET.slice(10));
  });

  it('hides tokens of any brand anywhere', () => {
    fc.assert(
      fc.property(fc.constantFrom('live', 'stag', 'dev'), fc.string(), fc.string(), (mark, before, after) => {
        expect(redact(`${before}kw_${mark}_${SECRET}${after}`)).not.toContain(SECRET.slice(10));
      }),
    );
  });
});

/** Percent-encodes some characters of the text, each to its own depth. */
const encode = (text: string, depths: readonly number[]): string =>
  [...text]
    .map((c, i) => {
      const depth = depths[i % depths.length]!;
      return depth === 0 ? c : `%${'25'.repeat(depth - 1)}${c.charCodeAt(0).toString(16)}`;
    })
    .join('');

describe('redaction of percent-encoded text', () => {
  it.each([
    '/a?q=kw%5Flive%5F' + SECRET,
    '/a?q=kw%5flive%255F' + SECRET,
    '/a?q=%6bw_live_' + SECRET,
    '/a?q=kw_live_01234567%38' + SECRET,
    '/a?z=%zz&q=kw%%35%46live_' + SECRET,
    '/a?q=%ab_live_' + SECRET,
    '/kw%5Flive%5F' + SECRET,
  ])('leaves nothing of the secret in %s', (text) => {
    expect(redact(text)).toMatch(/^\/(?:a\?(?:z=%zz&)?q=(?:%|.{0,3})?)?\[redacted\]$/);
  });

  it('hides encoded tokens and nothing around them', () => {
    const depths = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(depths, (list) => {
        expect(redact(`/a%20b?c=%C3%A9&q=${encode(`kw_live_${SECRET}`, list)}&z=%41%zz`)).toBe(
          '/a%20b?c=%C3%A9&q=[redacted]&z=%41%zz',
        );
      }),
    );
  });

  it('recognizes encoded field names', () => {
    expect(redact('/a?api%5Fkey=hunter2&b?%74oken=x&c=1')).toBe(
      '/a?api%5Fkey=[redacted]&b?%74oken=[redacted]&c=1',
    );
  });

  it('takes linear time', () => {
    const millisecondsFor = (text: string, times: number): number => {
      const long = text.repeat(times);
      const runs = [1, 2, 3].map(() => {
        const startedAt = performance.now();
        redact(long);
        return performance.now() - startedAt;
      });
      return Math.min(...runs);
    };
    const texts = [
      '%25',
      '%',
      '%2',
      '?a=',
      '?key=',
      'a_live_',
      'kw%5Flive%5F',
      '%%32%35',
      '&#',
      '&#0',
      '&#95;',
      '\\\\u',
      'key_',
      ' pwd=',
      '"',
      '"a":',
      '"pwd":"',
      '"pwd":\\',
      '"pwd\\',
      "'pwd':",
      '"pwd":x',
      `'pwd':"`,
      `"pwd":'`,
      `"pwd":\\\\\\\\"`,
    ];
    const total = (times: number): number =>
      texts.reduce((sum, text) => sum + millisecondsFor(text, times), 0);
    total(2000);
    // Eight times the input takes about eight times as long; it would be 64 times if the time were quadratic.
    expect(total(40_000)).toBeLessThan(30 * total(5000));
  });
});

describe('a log line', () => {
  it('stays one short line that PostgreSQL can store', () => {
    expect(logLine('a\nb\0c\u2028d\ud800', 100)).toBe('a b c d\ufffd');
    expect(logLine('/a\u202egpj.exe\u2066\u200f\u061c\u0085b', 100)).toBe('/agpj.exe b');
    expect(logLine(`kw_li\u200bve_${SECRET}`, 100)).toBe('[redacted]');
    expect(logLine('x'.repeat(5000), 2000)).toHaveLength(2000);
    expect(logLine(`${'é'.repeat(1999)}😀`, 2000)!.isWellFormed()).toBe(true);
    expect(logLine(null, 5)).toBeNull();
  });

  it('hides a token that crosses the limit', () => {
    expect(logLine(`${'/'.repeat(1980)}kw_live_${SECRET}`, 2000)).not.toContain('kw_live');
  });
});
