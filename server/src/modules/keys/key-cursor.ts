import { badInput } from '../../core/errors.js';
import { ID_PREFIXES, isId } from '../../core/id.js';
import type { PageRequest } from '../../core/page.js';
import { isRealDay } from '../scalars/date.js';

const INSTANT =
  /^(?!0000)(\d{4})-(\d\d)-(\d\d) (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?[+-](?:0\d|1[0-4])(?::[0-5]\d)?$/;

function isInstant(value: string): boolean {
  if (/^-?infinity$/.test(value)) return true;
  const [, year, month, day] = INSTANT.exec(value) ?? [];
  return year !== undefined && isRealDay(Number(year), Number(month), Number(day));
}

/** How PostgreSQL writes a value of each sort type; anything else was forged. */
const CURSOR_VALUES = {
  text: () => true,
  bigint: (value: string) => /^\d{1,18}$/.test(value),
  timestamptz: isInstant,
};

/** Checks that the values of a cursor are safe for a query. Error: BAD_USER_INPUT. */
export function requireCursor({ cursor, backwards }: PageRequest, type: keyof typeof CURSOR_VALUES): void {
  const [value, id] = cursor ?? [];
  const genuine =
    typeof value === 'string' &&
    typeof id === 'string' &&
    CURSOR_VALUES[type](value) &&
    isId(ID_PREFIXES.apiKey, id);
  if (!genuine) {
    const message = 'This cursor does not belong to this list. Start again without it.';
    throw badInput([{ path: backwards ? 'before' : 'after', message }]);
  }
}
