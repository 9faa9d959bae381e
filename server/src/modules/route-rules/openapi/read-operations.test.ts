import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDocument, type ReadOperation } from './read-operations.js';

const read = (document: object, basePath: string | null = null): readonly ReadOperation[] => {
  const found = readDocument(JSON.stringify(document), basePath);
  if ('refused' in found) throw new Error(found.refused);
  return found.operations;
};
const names = (document: object, basePath: string | null = null): string[] =>
  read(document, basePath).map(({ operation }) => operation);
const v3 = (paths: object, over: object = {}) => ({
  openapi: '3.1.0',
  info: { title: 'CRM' },
  paths,
  ...over,
});
const only = (operation: object, over: object = {}): ReadOperation =>
  read(v3({ '/customers/{id}': { get: operation } }, over))[0]!;

describe('the operations of a document', () => {
  it('include the base path of their nearest servers', () => {
    const paths = {
      '/a': { get: {} },
      '/b': { get: {}, servers: [{ url: 'https://b.example.test' }] },
      '/c': { get: { servers: [{ url: '/c1/' }, { url: './c2' }] } },
    };
    const servers = [
      {
        url: 'https://{region}.example.test/{base}/',
        variables: { region: { default: 'eu' }, base: { default: 'v1' } },
      },
      { url: 'https://staging.example.test/v1?x=1' },
    ];
    expect(names(v3(paths, { servers }))).toEqual(['GET /v1/a', 'GET /b', 'GET /c1/c', 'GET /c2/c']);
    expect(names(v3(paths, { servers }), '/crm/')).toEqual(['GET /crm/a', 'GET /crm/b', 'GET /crm/c']);
    expect(names(v3(paths, { servers }), '')).toEqual(['GET /a', 'GET /b', 'GET /c']);
    expect(names({ swagger: '2.0', basePath: '/v2', paths: { '/a': { post: {} } } })).toEqual(['POST /v2/a']);
    const [unknown] = read(v3({ '/a': { get: {} } }, { servers: [{ url: '/{base}' }] }));
    expect(unknown!.problem).toContain('variable without a default');
  });

  it('are ordered as OpenAPI matches them: literals before parameters, HEAD before GET', () => {
    const paths = {
      '/{any}': { get: {} },
      '/customers/{id}': { get: {}, head: {}, delete: {} },
      '/customers/{id}/orders': { get: {} },
      '/customers/export': { get: {} },
      '/customers': { post: {} },
      '/orders': { get: {} },
    };
    expect(names(v3(paths))).toEqual([
      'POST /customers',
      'GET /customers/export',
      'HEAD /customers/{id}',
      'GET /customers/{id}',
      'DELETE /customers/{id}',
      'GET /customers/{id}/orders',
      'GET /orders',
      'GET /{any}',
    ]);
  });

  it('state what they require', () => {
    expect(only({ 'x-keywright-permission': 'view_customer' }).permission).toBe('view_customer');
    expect(only({ security: [{ oauth: ['a', 'b'] }, { key: ['a'] }] }).scopes).toEqual(['a', 'b']);
    expect(only({}, { security: [{ oauth: ['a'] }] }).scopes).toEqual(['a']);
    expect(only({ security: [] }, { security: [{ oauth: ['a'] }] })).toMatchObject({
      isPublic: true,
      scopes: [],
    });
    expect(only({ security: [{}] }).isPublic).toBe(true);
    expect(only({ security: [{}, { oauth: ['a'] }] })).toMatchObject({ isPublic: false, scopes: ['a'] });
    expect(only({}).isPublic).toBe(false);
  });

  it('have a suggested permission name, from tag, operationId or path', () => {
    expect(only({ tags: ['Customer Data'], operationId: 'x' }).proposal).toBe('customer_data.read');
    expect(only({ operationId: 'listCustomers' }).proposal).toBe('list_customers');
    expect(only({}).proposal).toBe('customers.read');
    expect(read(v3({ '/9/{a}': { post: { tags: ['日本'] } } }))[0]!.proposal).toBe('api.write');
  });

  it('name the path parameter with the scope, which must exist', () => {
    expect(only({ 'x-keywright-scope-parameter': 'id' })).toMatchObject({
      scopeParameter: 'id',
      problem: null,
    });
    expect(only({ 'x-keywright-scope-parameter': 'no' }).problem).toContain('not a parameter of the path');
  });

  it('follow references within the document, and no others', () => {
    const pathItems = {
      shared: { get: { summary: 'Shared' } },
      loop: { $ref: '#/components/pathItems/loop' },
    };
    const paths = {
      '/a': { $ref: '#/components/pathItems/shared' },
      '/b': { $ref: '#/components/pathItems/loop' },
      '/c': { $ref: 'other.yaml#/x' },
      '/d': { $ref: '#/__proto__/constructor' },
      '/e': { $ref: '#/paths/~1a' },
    };
    const found = read(v3(paths, { components: { pathItems } }));
    expect(found.map(({ operation, problem }) => [operation, problem === null])).toEqual([
      ['GET /a', true],
      ['GET /b', false],
      ['GET /c', false],
      ['GET /d', false],
      ['GET /e', true],
    ]);
  });

  it.each([
    ['/report.{format}', 'whole segment'],
    ['/a/{b}/{b}', 'appears twice'],
    ['/a?b=c', 'cannot contain'],
    ['/a%2Fb', 'percent-encoding'],
    ['/a%zz', 'percent-encoding'],
    ['/a//b', 'two slashes'],
  ])('are shown with their problem if they cannot be rules: %s', (path, problem) => {
    expect(read(v3({ [path]: { get: {} } }))[0]!.problem).toContain(problem);
  });

  it('decode paths as intended', () => {
    expect(names(v3({ '/caf%C3%A9/': { get: {} } }))).toEqual(['GET /café']);
  });

  it.each([
    [{}, 'no "openapi" or "swagger"'],
    [{ openapi: '4.0.0', paths: {} }, 'no "openapi" or "swagger"'],
    [{ openapi: ['3.1.0'] }, 'no "openapi" or "swagger"'],
    [{ openapi: '3.0.3' }, 'no "paths"'],
    [{ openapi: '3.0.3', paths: [] }, 'no "paths"'],
    [{ openapi: '3.0.3', paths: {} }, 'describes no operation'],
  ])('are not searched in %j', (document, reason) => {
    const found = readDocument(JSON.stringify(document), null);
    expect('refused' in found ? found.refused : '').toContain(reason);
  });

  it('never cause an exception, whatever the document', () => {
    const anything = fc.jsonValue({ maxDepth: 3 });
    const member = fc.constantFrom(
      'get',
      'head',
      'servers',
      'security',
      'tags',
      '$ref',
      'x-keywright-permission',
      'summary',
    );
    const item = fc.dictionary(member, fc.oneof(anything, fc.dictionary(member, anything)));
    const documents = fc.record({
      openapi: fc.constant('3.1.0'),
      paths: fc.dictionary(
        fc.constantFrom('/a', '/{b}', '/a/{b}.x', 'c', '/%', '/**'),
        fc.oneof(item, anything),
      ),
      servers: anything,
      security: anything,
      info: anything,
    });
    fc.assert(
      fc.property(documents, (document) => {
        const found = readDocument(JSON.stringify(document), null);
        if ('refused' in found) expect(found.refused).toMatch(/\.$/);
        else for (const { operation } of found.operations) expect(operation).toMatch(/^(GET|HEAD) \//);
      }),
    );
  });
});
