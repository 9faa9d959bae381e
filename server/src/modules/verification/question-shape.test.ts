import {
  MAX_BATCH_QUESTIONS,
  MAX_QUESTION_BYTES,
  MAX_QUESTION_DEPTH,
  MAX_QUESTION_MEMBERS,
} from '@keywright/schema/question-limits';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultOfShape } from './question-shape.js';

/** Makes a body too large to be parsed without a check. */
const FILLER = 'x'.repeat(5000);

const faultOf = (body: unknown, isBatch = false): string | undefined =>
  faultOfShape(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), isBatch);

const nested = (depth: number): unknown => (depth === 0 ? FILLER : { a: nested(depth - 1) });
const object = (members: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: members }, (_, i) => [`m${i}`, '{[:,"\\"'.repeat(2)]));
const list = (items: number): string[] => Array.from({ length: items }, () => FILLER.slice(0, 20));

describe('a question', () => {
  it('can be nested up to the limit', () => {
    expect(faultOf(nested(MAX_QUESTION_DEPTH))).toBeUndefined();
    expect(faultOf(nested(MAX_QUESTION_DEPTH + 1))).toContain('deeper than 8 levels');
    expect(faultOf('['.repeat(900_000))).toContain('deeper than 8 levels');
    expect(faultOf(`{"key":${'{"a":'.repeat(50_000)}`)).toContain('deeper than 8 levels');
  });

  it('can have members and list items up to the limit', () => {
    expect(faultOf(object(MAX_QUESTION_MEMBERS))).toBeUndefined();
    expect(faultOf(object(MAX_QUESTION_MEMBERS + 1))).toContain(`more than ${MAX_QUESTION_MEMBERS} fields`);
    // No comma precedes the first item of a list.
    expect(faultOf(list(MAX_QUESTION_MEMBERS + 1))).toBeUndefined();
    expect(faultOf(list(MAX_QUESTION_MEMBERS + 2))).toContain(`more than ${MAX_QUESTION_MEMBERS} fields`);
    expect(faultOf({ request: { headers: object(150_000) } })).toBeDefined();
    expect(
      faultOf({ request: { headers: { 'x-api-key': Array.from({ length: 150_000 }, () => '') } } }),
    ).toBeDefined();
  });

  it('is not counted higher because of the content of its strings', () => {
    for (const text of [
      '['.repeat(40_000),
      '\\'.repeat(10_001),
      '"'.repeat(10_000),
      `\\"${',:'.repeat(10_000)}`,
    ]) {
      expect(faultOf({ key: text, [text]: 1 })).toBeUndefined();
    }
  });
});

describe('a batch', () => {
  it('is bounded per question and as a whole', () => {
    const requests = (question: unknown, count = MAX_BATCH_QUESTIONS): unknown => ({
      requests: Array.from({ length: count }, () => question),
    });
    expect(faultOf(requests(object(100)), true)).toBeUndefined();
    expect(faultOf(requests(object(200)), true)).toContain('The body has more than');
    expect(faultOf(requests(object(MAX_QUESTION_MEMBERS + 1), 1), true)).toContain('A request has more than');
    expect(faultOf(requests({ key: 'k'.repeat(MAX_QUESTION_BYTES - 12) }, 2), true)).toBeUndefined();
    expect(faultOf(requests({ key: 'k'.repeat(MAX_QUESTION_BYTES) }, 1), true)).toContain(
      `A request is larger than ${MAX_QUESTION_BYTES} bytes`,
    );
    expect(faultOf(requests(nested(MAX_QUESTION_DEPTH)), true)).toBeUndefined();
    expect(faultOf(requests(nested(MAX_QUESTION_DEPTH + 1)), true)).toContain('deeper');
  });

  it('can have little besides its questions', () => {
    for (const body of [object(1000), { requests: list(1000) }, [...list(1000)], { a: [], ...object(500) }]) {
      expect(faultOf(body, true)).toContain('more than 100 questions');
    }
  });
});

/** Counts members and list items of a value, and its nesting depth, by walking it. */
function measure(value: unknown): { members: number; depth: number } {
  if (typeof value !== 'object' || value === null) return { members: 0, depth: 0 };
  const inner = Object.values(value).map(measure);
  const own = Array.isArray(value) ? Math.max(value.length - 1, 0) : inner.length;
  return {
    members: inner.reduce((sum, { members }) => sum + members, own),
    depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)),
  };
}

it('counts the members of any JSON, and never throws', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 12, depthSize: 'large' }), fc.boolean(), (value, pretty) => {
      const body = { filler: FILLER, value };
      const { members, depth } = measure(body);
      const within = members <= MAX_QUESTION_MEMBERS && depth <= MAX_QUESTION_DEPTH;
      expect(faultOf(JSON.stringify(body, null, pretty ? 2 : 0)) === undefined).toBe(within);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4097, maxLength: 6000 }), fc.boolean(), (bytes, isBatch) => {
      faultOfShape(bytes, isBatch);
    }),
  );
});
