import { expect, test } from 'vitest';
import { requireCursor } from './key-cursor.js';

const check = (value: string): void =>
  requireCursor(
    { limit: 1, backwards: false, cursor: [value, 'key_01jd7kz0000000000000000000'] },
    'timestamptz',
  );

test.each([
  'infinity',
  '-infinity',
  '2026-11-30 10:00:00+00',
  '2024-02-29 23:59:59.999999+00',
  '2026-11-30 10:00:00.1-03:30',
])('%s is an instant in the notation of the database', (value) => {
  expect(() => check(value)).not.toThrow();
});

test.each([
  '2026-02-30 00:00:00+00',
  '2023-02-29 00:00:00+00',
  '2026-13-01 00:00:00+00',
  '2026-00-10 00:00:00+00',
  '2026-04-31 00:00:00+00',
  '0000-01-01 00:00:00+00',
  '2026-01-01 24:00:00+00',
  '2026-01-01 23:60:00+00',
  '2026-01-01 23:00:60+00',
  '2026-01-01 00:00:00+15',
  '2026-01-01 00:00:00',
  'now',
  'infinityinfinity',
])('%s is forged', (value) => {
  expect(() => check(value)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
});
