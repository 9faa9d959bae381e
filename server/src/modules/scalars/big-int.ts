import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

function parse(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    throw new GraphQLError('This must be a whole number from -9007199254740991 to 9007199254740991.');
  }
  return value;
}

/** Counts are numbers, bigints, or PostgreSQL bigints as decimal text. */
function serialize(value: unknown): number | string {
  if (typeof value === 'number') return parse(value);
  const whole = typeof value === 'bigint' ? value : BigInt(String(value));
  const small = Number(whole);
  return Number.isSafeInteger(small) ? small : whole.toString();
}

/** A count that can exceed 2^31: a JSON number up to 2^53, decimal text beyond. */
export const BigIntScalar = new GraphQLScalarType<number, number | string>({
  name: 'BigInt',
  description: 'An integer that can exceed 2^31: a JSON number up to 2^53, decimal text beyond.',
  serialize,
  parseValue: parse,
  parseLiteral: (node) => parse(node.kind === Kind.INT ? Number(node.value) : undefined),
});
