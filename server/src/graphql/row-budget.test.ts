import { buildSchema, execute, parse, type ExecutionResult } from 'graphql';
import { expect, it } from 'vitest';
import { boundRows } from './row-budget.js';

const SIZE = 10;
interface Row {
  readonly id: string;
  readonly rows: () => Row[] | Promise<Row[]>;
}
const row: Row = { id: 'a', rows: () => Array.from({ length: SIZE }, () => row) };
const later: Row = { id: 'b', rows: async () => Array.from({ length: SIZE }, () => row) };

const schema = boundRows(
  buildSchema('type Row { id: ID! rows: [Row!]! } type Query { row: Row later: Row ids: [ID!]! }'),
  100,
);
const rootValue = { row, later, ids: Array.from({ length: 1000 }, () => 'c') };
const run = async (text: string): Promise<ExecutionResult> =>
  execute({ schema, document: parse(text), rootValue });
const codesOf = ({ errors = [] }: ExecutionResult): unknown[] =>
  errors.map(({ originalError }) => (originalError as { code?: string } | null)?.code);

const FITTING = [
  '{ row { rows { id } } later { rows { id } } ids }',
  // 10 rows of 5 fields, and 10 more whose fields are in fragments.
  '{ row { rows { a: id b: id c: id d: id e: id } } later { rows { ...F } } } fragment F on Row { a: id b: id c: id ... { d: id e: id } }',
];
const TOO_LARGE = [
  '{ row { rows { rows { id } } } }',
  '{ row { rows { a: id b: id c: id d: id e: id f: id } } later { rows { ...F } } } fragment F on Row { a: id b: id c: id ... { d: id e: id } }',
  '{ later { rows { rows { id } } } }',
];

it.each(FITTING)('%s is answered every time it runs', async (text) => {
  for (let i = 0; i < 5; i++) expect((await run(text)).errors).toBeUndefined();
});

it.each(TOO_LARGE)('%s ends when its rows have too many fields in total', async (text) => {
  const answer = await run(text);
  expect(new Set(codesOf(answer))).toEqual(new Set(['QUERY_TOO_COMPLEX']));
});
