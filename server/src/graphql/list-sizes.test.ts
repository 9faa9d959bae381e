import { readFile } from 'node:fs/promises';
import {
  buildSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isObjectType,
} from 'graphql';
import { expect, it } from 'vitest';
import { DocumentLimits } from './limits.js';
import { LIST_SIZES } from './list-sizes.js';

const schema = buildSchema(
  await readFile(new URL('../../../schema/schema.graphql', import.meta.url), 'utf8'),
);
const limits = new DocumentLimits(schema);
const TOO_COMPLEX = { code: 'QUERY_TOO_COMPLEX' };

it('every object list without paging has a size, and no other field has one', () => {
  const lists = Object.values(schema.getTypeMap()).flatMap((type) =>
    !isObjectType(type) || type.name.startsWith('__') || type.name.endsWith('Connection')
      ? []
      : Object.values(type.getFields())
          .filter(({ args }) => !args.some(({ name }) => name === 'first' || name === 'last'))
          .filter(
            (field) => isListType(getNullableType(field.type)) && isCompositeType(getNamedType(field.type)),
          )
          .map(({ name }) => `${type.name}.${name}`),
  );
  expect(lists.sort()).toEqual(Object.keys(LIST_SIZES).sort());
});

it.each([
  '{ scopes { children { children { id } } } }',
  '{ scopes { path { children { path { children { id } } } } } }',
  '{ viewer { access { scope { path { children { path { children { id name } } } } } } } }',
  '{ users { grants { scope { path { children { id } } } } } }',
  `{ ${Array.from({ length: 10 }, (_, i) => `a${i}: routeRules { id position method environments pathPattern }`).join(' ')} }`,
])('%s is rejected because it can return many rows', (query) => {
  expect(() => limits.check(query)).toThrow(expect.objectContaining(TOO_COMPLEX));
});

it.each([
  '{ scopes { id name kind children { id name } } }',
  '{ scope(id: "scp_0") { path { id name } children { id name kind children { id name } } } }',
  '{ users { id name grants { role { id name } scope { id name path { id name } } permissions } } }',
])('%s is accepted', (query) => {
  expect(limits.check(query).cost).toBeGreaterThan(0);
});
