/**
 * Headers by name in lower case. Values are strings, lists of strings, or anything else, which does not count as text.
 */
export type HeaderBag = Readonly<Record<string, unknown>>;

/** Maximum length of a header value that takes part in a signature, in characters. */
export const MAX_VALUE_CHARS = 8192;

const NONE: readonly unknown[] = [];

const FIELD_VALUE = /^[\t\x20-\x7e]*$/;
const BLANKS_AROUND = /^[\t ]+|[\t ]+$/g;

/** Every value of a header, by its name in lower case. */
export function valuesOf(headers: HeaderBag, name: string): readonly unknown[] {
  if (!Object.hasOwn(headers, name)) return NONE;
  const value = headers[name];
  if (value === undefined || value === null) return NONE;
  return Array.isArray(value) ? (value as unknown[]) : [value];
}

/** The values of the present headers among these names (lower case); null if none is present. */
export function pickHeaders(
  headers: HeaderBag,
  names: ReadonlySet<string>,
): ReadonlyMap<string, readonly unknown[]> | null {
  let found: Map<string, readonly unknown[]> | null = null;
  for (const name of names) {
    const values = valuesOf(headers, name);
    if (values.length > 0) (found ??= new Map()).set(name, values);
  }
  return found;
}

/**
 * The value of a field in the form of RFC 9421, section 2.1: each line trimmed, lines joined by a comma and a space.
 * Null if it contains anything but visible ASCII characters and blanks, or exceeds {@link MAX_VALUE_CHARS}.
 */
export function fieldValue(values: readonly unknown[]): string | null {
  let joined = '';
  for (const [i, value] of values.entries()) {
    if (typeof value !== 'string' || joined.length + value.length > MAX_VALUE_CHARS) return null;
    if (!FIELD_VALUE.test(value)) return null;
    joined += (i === 0 ? '' : ', ') + value.replace(BLANKS_AROUND, '');
  }
  return joined;
}
