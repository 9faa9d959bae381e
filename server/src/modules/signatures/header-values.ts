/** Headers by their names in lower case; the values are texts, lists of texts, or anything else, which counts as no text. */
export type HeaderBag = Readonly<Record<string, unknown>>;

/** Longest value of a header that takes part in a signature, in characters. */
export const LONGEST_VALUE = 8192;

const NONE: readonly unknown[] = [];

const FIELD_VALUE = /^[\t\x20-\x7e]*$/;
const BLANKS_AROUND = /^[\t ]+|[\t ]+$/g;

/** Every value that the headers hold under a name (lower case). */
export function valuesOf(headers: HeaderBag, name: string): readonly unknown[] {
  if (!Object.hasOwn(headers, name)) return NONE;
  const value = headers[name];
  if (value === undefined || value === null) return NONE;
  return Array.isArray(value) ? (value as unknown[]) : [value];
}

/** The values of those names (lower case) that the headers hold; null when they hold none. */
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
 * The value of a field as RFC 9421, section 2.1, wants it: blanks around each line removed, lines joined by a comma and a
 * space. Null for what is no text of visible ASCII characters and blanks, or longer than {@link LONGEST_VALUE}.
 */
export function fieldValue(values: readonly unknown[]): string | null {
  let joined = '';
  for (const [i, value] of values.entries()) {
    if (typeof value !== 'string' || joined.length + value.length > LONGEST_VALUE) return null;
    if (!FIELD_VALUE.test(value)) return null;
    joined += (i === 0 ? '' : ', ') + value.replace(BLANKS_AROUND, '');
  }
  return joined;
}
