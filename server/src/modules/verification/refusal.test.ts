import { describe, expect, it } from 'vitest';
import { rateLimitHeaders } from '@keywright/schema/verdict-http';
import { headersOf, verdictHeaders } from './refusal.js';
import { makeVerdict } from './verdict.js';

const limit = { name: 'minute', limit: 100, remaining: 99, windowSeconds: 60, resetSeconds: 41 };

describe('the headers of a response', () => {
  it('contain policy and state of each window', () => {
    const hour = { name: 'per "hour"\n', limit: 5, remaining: 0, windowSeconds: 3600, resetSeconds: 9 };
    expect(rateLimitHeaders([limit, hour])).toEqual({
      'ratelimit-policy': '"minute";q=100;w=60, "per _hour__";q=5;w=3600',
      ratelimit: '"minute";r=99;t=41, "per _hour__";r=0;t=9',
    });
    expect(rateLimitHeaders([])).toEqual({});
  });

  it('contain a challenge on 401 and the retry time on 429', () => {
    expect(verdictHeaders(makeVerdict('KEY_NOT_FOUND'))).toEqual({
      'cache-control': 'no-store',
      'www-authenticate': 'ApiKey realm="Keywright", header="X-API-KEY"',
    });
    const limited = makeVerdict('RATE_LIMITED', { limits: [limit], retryAfterSeconds: 7 });
    expect(verdictHeaders(limited)).toMatchObject({ 'retry-after': '7' });
    expect(verdictHeaders(limited)).not.toHaveProperty('www-authenticate');
  });
});

it('keeps every header that was sent, including repeated ones', () => {
  const raw = ['X-API-KEY', 'a', 'x-api-key', 'b', 'Authorization', 'c', '__proto__', 'd'];
  expect(Object.entries(headersOf(raw))).toEqual([
    ['x-api-key', ['a', 'b']],
    ['authorization', ['c']],
    ['__proto__', ['d']],
  ]);
});
