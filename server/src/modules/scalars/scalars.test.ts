import { parseValue } from 'graphql';
import { describe, expect, it } from 'vitest';
import { BigIntScalar } from './big-int.js';
import { DateScalar } from './date.js';
import { DateTimeScalar } from './date-time.js';
import { JsonScalar, type Json } from './json.js';

describe('DateTime', () => {
  it.each([
    ['2027-01-31T12:00:00Z', '2027-01-31T12:00:00.000Z'],
    ['2027-01-31T12:00:00.123456Z', '2027-01-31T12:00:00.123Z'],
    ['2027-01-31T12:00:00+02:00', '2027-01-31T10:00:00.000Z'],
    ['2028-02-29t00:00:00z', '2028-02-29T00:00:00.000Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z'],
  ])('reads %s', (text, expected) => {
    expect(DateTimeScalar.parseValue(text).toISOString()).toBe(expected);
  });

  it.each([
    '',
    '2027-01-31',
    '2027-01-31T12:00:00',
    '2027-02-29T00:00:00Z',
    '2027-13-01T00:00:00Z',
    '2027-01-01T24:00:00Z',
    '2027-01-01T23:59:60Z',
    '0000-01-01T00:00:00Z',
    '+275760-09-13T00:00:00Z',
    '10000-01-01T00:00:00Z',
    '9999-12-31T23:59:59-14:00',
    '2027-01-31T12:00:00Z\n',
    ' 2027-01-31T12:00:00Z',
    'NaN',
    Number.NaN,
    1_800_000_000_000,
    null,
    {},
    [],
    ['2027-01-31T12:00:00Z'],
    `2027-01-31T12:00:00.${'0'.repeat(100_000)}Z`,
  ])('rejects %j', (value) => {
    expect(() => DateTimeScalar.parseValue(value)).toThrow(/RFC 3339/);
  });

  it('is read from strings in a document only', () => {
    expect(DateTimeScalar.parseLiteral(parseValue('"2027-01-31T12:00:00Z"'), {})).toEqual(
      new Date('2027-01-31T12:00:00Z'),
    );
    expect(() => DateTimeScalar.parseLiteral(parseValue('2027'), {})).toThrow();
  });

  it('is written in UTC', () => {
    expect(DateTimeScalar.serialize(new Date(0))).toBe('1970-01-01T00:00:00.000Z');
  });
});

describe('Date', () => {
  it('reads calendar dates only', () => {
    expect(DateScalar.parseValue('2028-02-29')).toBe('2028-02-29');
    for (const value of [
      '2027-02-29',
      '2027-1-1',
      '2027-01-31T00:00:00Z',
      '0000-01-01',
      '12027-01-01',
      20_270_131,
      null,
      ['2027-01-31'],
    ]) {
      expect(() => DateScalar.parseValue(value)).toThrow(/YYYY-MM-DD/);
    }
  });
});

describe('BigInt', () => {
  it('is a number while that is exact, and text otherwise', () => {
    expect(BigIntScalar.serialize(2 ** 40)).toBe(2 ** 40);
    expect(BigIntScalar.serialize('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
    expect(BigIntScalar.serialize(9007199254740993n)).toBe('9007199254740993');
    expect(() => BigIntScalar.serialize(1.5)).toThrow();
    for (const value of [2 ** 53, 1.5, Number.NaN, '5', null, true]) {
      expect(() => BigIntScalar.parseValue(value)).toThrow(/whole number/);
    }
  });
});

describe('JSON', () => {
  const nested = (depth: number): Json => (depth === 0 ? 1 : [nested(depth - 1)]);

  it.each([
    ['NUL', { a: 'b\u0000' }],
    ['NUL in a name', { 'a\u0000': 1 }],
    ['half a character', ['\ud800']],
    ['half a character in a name', { '\udc00': 1 }],
    ['a number beyond 2^53', { a: 2 ** 53 }],
    ['an infinite number', [Number.POSITIVE_INFINITY]],
    ['21 levels', nested(21)],
    ['more than 16 KB', 'a'.repeat(16 * 1024)],
    ['a megabyte', Array.from({ length: 1000 }, () => 'a'.repeat(1000))],
  ])('rejects %s', (_, value) => {
    expect(() => JsonScalar.parseValue(value)).toThrow(/JSON value/);
  });

  it('rejects 10,000 levels without descending into them', () => {
    const deep: unknown = JSON.parse('['.repeat(10_000) + ']'.repeat(10_000));
    expect(() => JsonScalar.parseValue(deep)).toThrow(/20 levels/);
  });

  it('keeps __proto__ and constructor as plain members', () => {
    const value = JsonScalar.parseValue(JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}'));
    expect(JSON.stringify(JsonScalar.serialize(value))).toBe(
      '{"__proto__":{"polluted":true},"constructor":1}',
    );
    const literal = JsonScalar.parseLiteral(parseValue('{ __proto__: { polluted: true } }'), {});
    expect(JSON.stringify(literal)).toBe('{"__proto__":{"polluted":true}}');
    expect(Object.getPrototypeOf(literal)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('reads literals that contain variables', () => {
    const literal = JsonScalar.parseLiteral(parseValue('{ a: [1, 2.5, "x", true, null, $v] }'), { v: 'w' });
    expect(literal).toEqual({ a: [1, 2.5, 'x', true, null, 'w'] });
    expect(() => JsonScalar.parseLiteral(parseValue('{ a: ENUM }'), {})).toThrow(/quotes/);
  });

  it('keeps the largest values that fit', () => {
    expect(JsonScalar.parseValue(nested(20))).toEqual(nested(20));
    expect(JsonScalar.parseValue({ a: Number.MAX_SAFE_INTEGER, b: '\u202e<b>' })).toEqual({
      a: Number.MAX_SAFE_INTEGER,
      b: '\u202e<b>',
    });
  });
});
