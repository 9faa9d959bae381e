import { buildSchema, getIntrospectionQuery } from 'graphql';
import { beforeAll, describe, expect, it } from 'vitest';
import { DocumentLimits } from './limits.js';

const FIELDS = Array.from({ length: 22 }, (_, i) => `f${i}: String`).join('\n');
const schema = buildSchema(`
  directive @note on FIELD | QUERY | FRAGMENT_DEFINITION
  type Limit { name: String count: Int }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type Key { id: ID! parent: Key limits: [Limit!]! ${FIELDS} keys(first: Int = 50, after: String): KeyConnection! }
  type KeyEdge { cursor: String! node: Key! }
  type KeyConnection { edges: [KeyEdge!]! nodes: [Key!]! pageInfo: PageInfo! totalCount: Int! }
  type Query { viewer: Key keys(first: Int, after: String, last: Int): KeyConnection! }
  type Mutation { revoke(id: ID!): Key }
  type Subscription { changed: Key }
`);

let limits: DocumentLimits;
beforeAll(() => {
  limits = new DocumentLimits(schema);
  limits.check('{ viewer { id } }');
});

const nested = (depth: number): string =>
  `{ viewer ${'{ parent '.repeat(depth)}{ id }${' }'.repeat(depth)} }`;
const repeat = (count: number, one: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => one(i)).join(' ');
const TOO_COMPLEX = { code: 'QUERY_TOO_COMPLEX' };
const BAD = { code: 'BAD_USER_INPUT' };

/** Each fragment spreads the previous one twice: 2^40 fields in a few lines. */
const doubling = `{ viewer { ...F40 } } fragment F0 on Key { id } ${repeat(40, (i) => `fragment F${i + 1} on Key { ...F${i} parent { ...F${i} } }`)}`;

const REFUSED: [string, string, { code: string }][] = [
  ['fields 50 deep', nested(50), TOO_COMPLEX],
  ['fields one level too deep', nested(11), TOO_COMPLEX],
  [
    'depth hidden in fragments',
    `{ viewer { ...A } } fragment A on Key { ${repeat(13, () => 'parent {')} id ${'}'.repeat(13)} }`,
    TOO_COMPLEX,
  ],
  ['10,000 aliases', `{ ${repeat(10_000, (i) => `a${i}: viewer { id }`)} }`, TOO_COMPLEX],
  ['one alias too many', `{ ${repeat(31, (i) => `a${i}: viewer { id }`)} }`, TOO_COMPLEX],
  ['a field 1,900 times', `{ ${repeat(1900, () => 'viewer')} }`, TOO_COMPLEX],
  ['a repeated field with subfields', `{ ${repeat(400, () => 'viewer { id }')} }`, TOO_COMPLEX],
  [
    '600 fields',
    `{ viewer { ${repeat(27, () => `parent { ${repeat(22, (i) => `f${i}`)} }`)} } }`,
    TOO_COMPLEX,
  ],
  ['600 directives', `{ viewer { id ${repeat(600, () => '@note')} } }`, TOO_COMPLEX],
  ['directives on the operation', `query ${repeat(21, () => '@note')} { viewer { id } }`, TOO_COMPLEX],
  ['circular fragments', '{ viewer { ...A } } fragment A on Key { ...B } fragment B on Key { ...A }', BAD],
  ['an unused fragment that spreads itself', '{ viewer { id } } fragment A on Key { parent { ...A } }', BAD],
  ['a field with subfields in inline fragments', `{ ${repeat(245, () => '...{viewer{id}}')} }`, TOO_COMPLEX],
  [
    'a field with subfields in nested inline fragments',
    `{ ${repeat(110, () => '...on Query{... @note{viewer{id}}}')} }`.replaceAll(' @note', ''),
    TOO_COMPLEX,
  ],
  [
    'a field with subfields in many fragments',
    `{ ${repeat(140, (i) => `...F${i}`)} } ${repeat(140, (i) => `fragment F${i} on Query{viewer{id}}`)}`,
    TOO_COMPLEX,
  ],
  [
    'fields repeated on every level',
    `{ ${repeat(10, () => `viewer { ${repeat(9, () => 'parent { id id id id }')} }`)} }`,
    TOO_COMPLEX,
  ],
  [
    'an unused fragment',
    `{ viewer { id } } fragment A on Query { ${repeat(9, () => 'viewer { id }')} }`,
    BAD,
  ],
  [
    'fragments with the same name',
    `{ ...A } fragment A on Query { ${repeat(245, () => '...{viewer{id}}')} } fragment A on Query { viewer { id } }`,
    BAD,
  ],
  ['type definitions', '{ viewer { id } } type A { id: ID }', BAD],
  ['fragments that double forty times', doubling, TOO_COMPLEX],
  ['a 1 MB document', `{ viewer { id } } ${'#\n'.repeat(500_000)}`, TOO_COMPLEX],
  ['a document with too many tokens', `{ ${'viewer '.repeat(5000)} }`, TOO_COMPLEX],
  [
    'lists nested a thousand deep',
    `{ keys(after: ${'['.repeat(900)}${']'.repeat(900)}) { totalCount } }`,
    BAD,
  ],
  [
    'full pages nested three deep',
    '{ keys(first: 100) { nodes { keys(first: 100) { nodes { keys(first: 100) { nodes { id } } } } } } }',
    TOO_COMPLEX,
  ],
  [
    'page sizes in variables',
    'query ($n: Int) { keys(first: $n) { nodes { keys(first: $n) { nodes { id f1 } } } } }',
    TOO_COMPLEX,
  ],
  [
    'pages of default size nested three deep',
    '{ keys { nodes { keys { nodes { keys { nodes { id } } } } } } }',
    TOO_COMPLEX,
  ],
  ['several operations', 'query A { viewer { id } } query B { viewer { id } }', BAD],
  ['no operation', 'fragment A on Key { id }', BAD],
  ['an empty document', '', BAD],
  ['invalid syntax', '{ viewer { id ', BAD],
];

describe('a document', () => {
  it.each(REFUSED)('is rejected for %s', (name, source, expected) => {
    // Nested lists in an argument pass the parser; validation rejects them by type.
    const check = (): unknown => {
      const checked = limits.check(source);
      if (checked.faults().length > 0) throw Object.assign(new Error('invalid'), BAD);
      return checked;
    };
    expect(check, name).toThrow(expect.objectContaining(expected));
  });

  it('is measured in time and memory that do not depend on the size of its result', () => {
    for (const [name, source] of REFUSED) {
      // Best of three in processor time, because the machine may be busy with other work.
      const runs = [1, 2, 3].map(() => {
        const before = process.memoryUsage().heapUsed;
        const start = process.cpuUsage();
        try {
          limits.check(source).faults();
        } catch {
          // The test above checks the errors.
        }
        const { user, system } = process.cpuUsage(start);
        return { ms: (user + system) / 1000, bytes: process.memoryUsage().heapUsed - before };
      });
      expect(Math.min(...runs.map((run) => run.ms)), name).toBeLessThan(50);
      expect(Math.min(...runs.map((run) => run.bytes)), name).toBeLessThan(10 * 1024 * 1024);
    }
  });

  it('can request a page of fifty with all columns and more', () => {
    const node = `{ id ${repeat(22, (i) => `f${i}`)} limits { name count } parent { id f1 f2 } }`;
    const pages = 'pageInfo { hasNextPage endCursor } totalCount';
    expect(limits.check(`{ keys(first: 50) { edges { cursor node ${node} } ${pages} } }`).operation).toBe(
      'query',
    );
    expect(
      limits.check(`query ($n: Int) { keys(first: $n) { edges { cursor node ${node} } ${pages} } }`),
    ).toBeTruthy();
  });

  it('can introspect like explorers', () => {
    const checked = limits.check(getIntrospectionQuery());
    expect(checked.introspects).toBe(true);
    expect(checked.faults()).toEqual([]);
    expect(limits.check('{ __typename viewer { __typename id } }').introspects).toBe(false);
  });

  it('can spread one fragment many times on a level, and ten fragments with the same field', () => {
    const again = `{ viewer { ${repeat(20, () => '...A')} } } fragment A on Key { id f1 }`;
    expect(limits.check(again).faults()).toEqual([]);
    const same = `{ ...on Query { ${repeat(9, (i) => `...F${i}`)} } viewer { id } }`;
    const fragments = repeat(9, (i) => `fragment F${i} on Query { viewer { id f${i} } }`);
    expect(limits.check(`${same} ${fragments}`).faults()).toEqual([]);
  });

  it('is checked once if it is valid', () => {
    const source = '{ viewer { id f1 } }';
    expect(limits.check(source)).not.toBe(limits.check(source));
    limits.check(source).cache();
    expect(limits.check(source)).toBe(limits.check(source));
    const live = 'subscription { changed { id } }';
    const checked = limits.check(live);
    expect(checked.faults()).toEqual([]);
    expect(limits.check(live)).toBe(checked);
    const wrong = limits.check('{ viewer { nothing } }');
    expect(wrong.faults()).toHaveLength(1);
    expect(limits.check('{ viewer { nothing } }')).not.toBe(wrong);
    expect(limits.check('mutation { revoke(id: "a") { id } }').operation).toBe('mutation');
    expect(limits.check('subscription { changed { id } }').operation).toBe('subscription');
  });

  it.each([
    ['with many characters', (i: number) => `{ viewer { id } } #${i}${'x'.repeat(60_000)}`],
    ['with many tokens', (i: number) => `{ keys(after: [${i}${',1'.repeat(1900)}]) { totalCount } }`],
  ])('%s is evicted when others come, so that memory stays bounded', (_, source) => {
    const own = new DocumentLimits(schema);
    const first = own.check(source(0));
    first.cache();
    expect(own.check(source(0))).toBe(first);
    for (let i = 1; i <= 40; i++) own.check(source(i)).cache();
    expect(own.check(source(0))).not.toBe(first);
    expect(own.check(source(40))).toBe(own.check(source(40)));
  });
});
