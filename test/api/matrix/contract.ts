import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, isLeafType, getNamedType, type GraphQLField } from 'graphql';

const directory = join(import.meta.dirname, '../../../schema');
const schema = buildSchema(readFileSync(join(directory, 'schema.graphql'), 'utf8'));

/** One way to reach the server over HTTP. */
export interface Route {
  /** WEBSOCKET for an upgrade. */
  readonly method: string;
  readonly path: string;
}

/** Every route that the server registers. */
export const ROUTES = JSON.parse(readFileSync(join(directory, 'routes.json'), 'utf8')) as readonly Route[];

/** The key of a route's rule; HEAD needs the same permission as GET. */
export const routeKey = ({ method, path }: Route): string => `${method === 'HEAD' ? 'GET' : method} ${path}`;

const fields = new Map<string, GraphQLField<unknown, unknown>>(
  [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((type) =>
    Object.values(type?.getFields() ?? {}).map((field) => [`${type!.name}.${field.name}`, field] as const),
  ),
);

/** Every query, mutation and subscription field of the contract, such as `Query.apiKeys`. */
export const OPERATIONS: readonly string[] = [...fields.keys()].sort();

/** A document with only this operation and these arguments. */
export function documentOf(operation: string, names: readonly string[]): string {
  const field = fields.get(operation)!;
  const unknown = names.filter((name) => field.args.every((argument) => argument.name !== name));
  if (unknown.length > 0) throw new Error(`${operation} has no argument ${unknown.join(', ')}.`);
  const given = field.args.filter(({ name }) => names.includes(name));
  const declared = given.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ');
  const passed = given.map(({ name }) => `${name}: $${name}`).join(', ');
  const selection = isLeafType(getNamedType(field.type)) ? '' : ' { __typename }';
  const kind = operation.slice(0, operation.indexOf('.')).toLowerCase();
  return `${kind}${declared && ` (${declared})`} { ${field.name}${passed && `(${passed})`}${selection} }`;
}
