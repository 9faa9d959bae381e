import pg from 'pg';
import { QueryFailedError } from 'typeorm';
import { expect, test } from 'vitest';
import { AppError } from './errors.js';
import { logFailure, toAppError } from './failure.js';

const refused = (code: string): pg.DatabaseError =>
  Object.assign(new pg.DatabaseError('refused', 1, 'error'), { code });

test.each([
  ['25006', /read-only.*primary/],
  ['53100', /out of disk space.*Free some/],
  ['53200', /out of memory/],
  ['53300', /no free connection.*max_connections/],
  ['53400', /limits.*Raise the limit/],
  ['58030', /cannot read or write its files.*log/],
  ['42501', /not allowed to do this.*owner/],
  ['28000', /rejects the account.*DATABASE_URL/],
  ['28P01', /rejects the account.*password/],
  ['3D000', /does not exist.*DATABASE_URL/],
  ['42P01', /lacks parts.*restore/],
  ['3F000', /lacks parts.*search_path/],
  ['42703', /lacks parts.*restart Keywright/],
  ['42883', /lacks parts/],
  ['57P01', /not responding/],
])('SQLSTATE %s becomes UNAVAILABLE with a hint', (code, message) => {
  for (const error of [refused(code), new QueryFailedError('select 1', [], refused(code))]) {
    const appError = toAppError(error);
    expect(appError.code).toBe('UNAVAILABLE');
    expect(appError.message).toMatch(message);
    expect(appError.retryAfterSeconds).toBe(2);
    expect(appError.cause).toBe(error);
  }
});

test('unexpected errors stay INTERNAL', () => {
  expect(toAppError(refused('22012')).code).toBe('INTERNAL');
});

test('logs a rejection as one line with its reason, and a fault with its cause', () => {
  const lines: unknown[] = [];
  const log = {
    error: (details: object, message: string) => lines.push(['error', details, message]),
    warn: (details: object, message: string) => lines.push(['warn', details, message]),
  };
  const fault = refused('53100');
  logFailure(log, new AppError('UNAVAILABLE', 'Too many sign-ins at once.'), 'request failed', {
    requestId: 'req_1',
  });
  logFailure(
    log,
    new AppError('TOO_MANY_ATTEMPTS', 'Too many attempts.', { cause: fault }),
    'request failed',
  );
  logFailure(log, toAppError(fault), 'request failed');
  logFailure(log, toAppError('thrown'), 'request failed');
  expect(lines).toEqual([
    [
      'warn',
      { requestId: 'req_1', code: 'UNAVAILABLE', reason: 'Too many sign-ins at once.' },
      'request failed',
    ],
    ['warn', { code: 'TOO_MANY_ATTEMPTS', reason: 'Too many attempts.' }, 'request failed'],
    ['error', { err: fault }, 'request failed'],
    ['error', { err: 'thrown' }, 'request failed'],
  ]);
});
