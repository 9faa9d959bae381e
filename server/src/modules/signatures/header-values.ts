/** Headers as they come: from Node, or from the JSON of a caller, who may send anything. */
export type HeaderBag = Readonly<Record<string, unknown>>;

/** Longest value of a header that takes part in a signature, in characters. */
export const LONGEST_VALUE = 8192;

const NONE: readonly unknown[] = [];

const FIELD_VALUE = /^[\t\x20-\x7e]*$/;
const BLANKS_AROUND = /^[\t ]+|[\t ]+$/g;

function append(values: unknown[], value: unknown): void {
  if (!Array.isArray(value)) values.push(value);
  else for (const one of value as unknown[]) values.push(one);
}

/** Every value that the headers hold under a name (lower case), in whatever case and however often it is written. */
export function valuesOf(headers: HeaderBag, name: string): readonly unknown[] {
  let values: unknown[] | undefined;
  for (const header in headers) {
    if (header.length !== name.length || header.toLowerCase() !== name) continue;
    const value = headers[header];
    if (value !== undefined && value !== null) append((values ??= []), value);
  }
  return values ?? NONE;
}

/** The values of those names (lower case) that the headers hold at all, found in one pass; null when they hold none. */
export function pickHeaders(
  headers: HeaderBag,
  names: ReadonlySet<string>,
): ReadonlyMap<string, readonly unknown[]> | null {
  let found: Map<string, unknown[]> | null = null;
  for (const header in headers) {
    const name = header.toLowerCase();
    if (!names.has(name)) continue;
    const value = headers[header];
    if (value === undefined || value === null) continue;
    found ??= new Map();
    let values = found.get(name);
    if (!values) found.set(name, (values = []));
    append(values, value);
    if (values.length === 0) found.delete(name);
  }
  return found?.size ? found : null;
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
