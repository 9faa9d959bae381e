import { describe, expect, it } from 'vitest';
import { AppError, badInput } from './errors.js';
import { problemOfVerdict } from '@keywright/schema/verdict-http';
import { problemOf } from './problem.js';

describe('a problem body', () => {
  it('contains the fields and the retry delay of an expected failure', () => {
    expect(problemOf(badInput([{ path: 'ip', message: 'Not an address.' }]), 'req_1')).toEqual({
      type: 'urn:problem-type:keywright:bad-user-input',
      title: 'Invalid input',
      status: 400,
      detail: 'Not an address.',
      code: 'BAD_USER_INPUT',
      requestId: 'req_1',
      errors: [{ path: 'ip', message: 'Not an address.' }],
    });
    expect(problemOf(new AppError('UNAVAILABLE', 'Later.', { retryAfterSeconds: 3 }), 'r')).toMatchObject({
      status: 503,
      retryAfter: 3,
    });
    const full = new AppError('LICENSE_LIMIT_REACHED', 'Full.', { allowance: { used: 7, maximum: 7 } });
    expect(problemOf(full, 'r')).toMatchObject({ status: 403, used: 7, maximum: 7 });
  });

  it('keeps the status of a framework client error, but not its message', () => {
    const error = Object.assign(new Error('secret detail'), { statusCode: 413 });
    const problem = problemOf(error, 'r');
    expect(problem).toMatchObject({ status: 413, title: 'Payload Too Large', code: 'BAD_USER_INPUT' });
    expect(JSON.stringify(problem)).not.toContain('secret detail');
  });

  it('hides the cause of any other error', () => {
    for (const thrown of [new Error('connection string'), 'connection string', null, { statusCode: 500 }]) {
      const problem = problemOf(thrown, 'r');
      expect(problem).toMatchObject({ status: 500, code: 'INTERNAL' });
      expect(JSON.stringify(problem)).not.toContain('connection string');
    }
  });

  it('describes a rejected verification', () => {
    const verdict = { code: 'RATE_LIMITED', message: 'Wait.', retryAfterSeconds: 7 } as const;
    expect(problemOfVerdict(verdict, 'r')).toMatchObject({ status: 429, detail: 'Wait.', retryAfter: 7 });
    expect(problemOfVerdict({ ...verdict, retryAfterSeconds: null }, 'r')).not.toHaveProperty('retryAfter');
  });
});
