import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Whether the date exists in the calendar; `month` starts at 1. */
export function isRealDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return day <= (month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31);
}

/** Parses a calendar date, `YYYY-MM-DD`. Error: GraphQLError. */
export function parseDate(value: unknown): string {
  const match = typeof value === 'string' ? DAY.exec(value) : null;
  if (!match || match[1] === '0000' || !isRealDay(Number(match[1]), Number(match[2]), Number(match[3]))) {
    throw new GraphQLError('A date must be YYYY-MM-DD, such as 2027-01-31.');
  }
  return match[0];
}

/** A calendar date without a time, `YYYY-MM-DD` on the wire and internally. */
export const DateScalar = new GraphQLScalarType<string, string>({
  name: 'Date',
  description: 'A calendar date, YYYY-MM-DD.',
  serialize: parseDate,
  parseValue: parseDate,
  parseLiteral: (node) => parseDate(node.kind === Kind.STRING ? node.value : undefined),
});
