import { describe, expect, it } from 'vitest';
import { NoSessionError } from '../../core/no-session-error.js';
import { failureOf, isFresh } from './staleness.js';

const MAX = 300_000;

describe('the state of the key index', () => {
  it('decides up to 5 s after it was synchronized', () => {
    expect(isFresh({ missed: false, syncedAtMs: 0, answeredAtMs: 0 }, 5000, MAX)).toBe(true);
  });

  it('decides no longer than that while the database answers', () => {
    expect(isFresh({ missed: false, syncedAtMs: 0, answeredAtMs: 5000 }, 5001, MAX)).toBe(false);
    expect(isFresh({ missed: false, syncedAtMs: 0, answeredAtMs: 2600 }, 7599, MAX)).toBe(false);
  });

  it('keeps deciding when the database became unreachable right after another answer', () => {
    for (const nowMs of [5001, 5999, 6001, MAX]) {
      expect(isFresh({ missed: false, syncedAtMs: 0, answeredAtMs: 1000 }, nowMs, MAX), String(nowMs)).toBe(
        true,
      );
    }
  });

  it('decides up to the bound when the database cannot be reached, and no longer', () => {
    expect(isFresh({ missed: false, syncedAtMs: 0, answeredAtMs: 0 }, MAX, MAX)).toBe(true);
    expect(isFresh({ missed: false, syncedAtMs: 0, answeredAtMs: 0 }, MAX + 1, MAX)).toBe(false);
  });

  it('decides no longer than 5 s when it misses a change', () => {
    expect(isFresh({ syncedAtMs: 0, answeredAtMs: 0, missed: true }, 5000, MAX)).toBe(true);
    expect(isFresh({ syncedAtMs: 0, answeredAtMs: 0, missed: true }, 5001, MAX)).toBe(false);
  });
});

describe('a failed poll', () => {
  const withCode = (code: string, more = {}) => Object.assign(new Error('x'), { code, ...more });

  it.each([
    '42P01',
    '3F000',
    '42501',
    '42703',
    '22P02',
    '25006',
    '53400',
    '58P01',
    'XX000',
    '55P03',
    '40001',
  ])('with SQLSTATE %s is an answer', (code) =>
    expect(failureOf(withCode(code, { severity: 'ERROR' }))).toBe('ANSWERED'),
  );

  it.each(
    '28P01 28000 3D000 53300 53100 53200 58030 58000 57P01 57P02 57P03 57P04 57P05 08006 08P01'.split(' '),
  )('with SQLSTATE %s shows that the database cannot be read', (code) =>
    expect(failureOf(withCode(code, { severity: 'ERROR' }))).toBe('UNREADABLE'),
  );

  it('shows an unreadable database if sessions are rejected or ended, for whatever reason', () => {
    for (const code of ['42501', '55000', 'ECONNREFUSED', '22023']) {
      expect(failureOf(new NoSessionError(withCode(code))), code).toBe('UNREADABLE');
      expect(failureOf(withCode(code, { severity: 'FATAL' })), code).toBe('UNREADABLE');
    }
    expect(failureOf(new NoSessionError(new Error('timeout expired')))).toBe('UNREADABLE');
  });

  it.each(['57014', 'EPIPE', 'ECONNRESET', 'UNAVAILABLE'])('with code %s says nothing', (code) => {
    expect(failureOf(withCode(code))).toBe('SILENT');
    expect(failureOf(new Error('Query read timeout'))).toBe('SILENT');
  });
});
