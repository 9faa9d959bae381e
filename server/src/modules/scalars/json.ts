import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import { isStorableText } from '../../core/text.js';

/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/** Maximum nesting depth of a JSON value. */
export const MAX_JSON_DEPTH = 20;

/** Maximum size of a JSON value, in bytes of its text. */
export const MAX_JSON_BYTES = 16 * 1024;

/** The first reason to reject the value, or undefined. Never descends below the maximum depth. */
function faultOf(value: unknown, depth = 0): string | undefined {
  if (typeof value === 'string')
    return isStorableText(value) ? undefined : 'contains text with a NUL or an unpaired surrogate';
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return 'contains a number that is not finite';
    return Number.isInteger(value) && !Number.isSafeInteger(value)
      ? 'contains a number beyond 2^53 (send it as a string)'
      : undefined;
  }
  if (value === null || typeof value === 'boolean') return undefined;
  if (typeof value !== 'object') return 'contains something that is not JSON';
  if (depth >= MAX_JSON_DEPTH) return `is nested deeper than ${MAX_JSON_DEPTH} levels`;
  if (Array.isArray(value)) return firstFault(value, depth);
  return firstFault(Object.keys(value), depth) ?? firstFault(Object.values(value), depth);
}

function firstFault(values: readonly unknown[], depth: number): string | undefined {
  for (const value of values) {
    const fault = faultOf(value, depth + 1);
    if (fault) return fault;
  }
  return undefined;
}

/** Accepts what PostgreSQL can store and return unchanged, up to 16 KB and 20 levels. Error: GraphQLError. */
export function checkJson(value: unknown): Json {
  const fault = faultOf(value);
  if (fault) throw new GraphQLError(`The JSON value ${fault}.`);
  if (Buffer.byteLength(JSON.stringify(value)) > MAX_JSON_BYTES) {
    throw new GraphQLError(`The JSON value is larger than ${MAX_JSON_BYTES / 1024} KB.`);
  }
  return value as Json;
}

/** Object.fromEntries defines own properties, so a member named `__proto__` stays a plain member. */
function fromLiteral(node: ValueNode, variables: Readonly<Record<string, unknown>>, depth = 0): unknown {
  if (depth > MAX_JSON_DEPTH + 1)
    throw new GraphQLError(`The JSON value is nested deeper than ${MAX_JSON_DEPTH} levels.`);
  const inner = (child: ValueNode): unknown => fromLiteral(child, variables, depth + 1);
  switch (node.kind) {
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map((field) => [field.name.value, inner(field.value)]));
    case Kind.LIST:
      return node.values.map(inner);
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.NULL:
      return null;
    case Kind.VARIABLE:
      return variables[node.name.value] ?? null;
    case Kind.ENUM:
      throw new GraphQLError('A JSON value cannot contain enum values; put text in quotes.');
    default:
      return node.value;
  }
}

/** Any JSON value within limits; rejects numbers that JSON cannot represent exactly. */
export const JsonScalar = new GraphQLScalarType<Json, Json>({
  name: 'JSON',
  description: 'Any JSON value, up to 16 KB and 20 levels deep.',
  serialize: (value) => value as Json,
  parseValue: checkJson,
  parseLiteral: (node, variables) => checkJson(fromLiteral(node, variables ?? {})),
});
