import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { isRealDay } from './date.js';

const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

const refuse = (): GraphQLError =>
  new GraphQLError(
    'A date and time must follow RFC 3339, such as 2027-01-31T12:00:00Z, in the years 1 to 9999.',
  );

/**
 * Parses an RFC 3339 timestamp to the millisecond. Error: GraphQLError for anything else, including impossible dates.
 */
export function parseDateTime(value: unknown): Date {
  if (typeof value !== 'string' || value.length > 40) throw refuse();
  const match = RFC_3339.exec(value);
  if (!match || !isRealDay(Number(match[1]), Number(match[2]), Number(match[3]))) throw refuse();
  const instant = new Date(value.toUpperCase());
  const year = instant.getUTCFullYear();
  if (Number.isNaN(instant.getTime()) || year < 1 || year > 9999) throw refuse();
  return instant;
}

/** A point in time: RFC 3339 on the wire, always serialized in UTC; a Date internally. */
export const DateTimeScalar = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description:
    'A point in time in RFC 3339 format, such as 2027-01-31T12:00:00.000Z. Always returned in UTC.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize: (value) => {
    if (value instanceof Date) return value.toISOString();
    if (typeof value === 'number') return new Date(value).toISOString();
    return parseDateTime(value).toISOString();
  },
  parseValue: parseDateTime,
  parseLiteral: (node) => parseDateTime(node.kind === Kind.STRING ? node.value : undefined),
});
