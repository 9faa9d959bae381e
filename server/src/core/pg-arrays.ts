const PLAIN = /^[\w.:/-]*$/;

const quoted = (value: string): string =>
  `"${PLAIN.test(value) ? value : value.replace(/["\\]/g, String.raw`\$&`)}"`;

/** Texts in PostgreSQL array notation, built once for all statements that take the same array; null stays null. */
export function textArray(values: readonly (string | null)[]): string {
  let array = '';
  let last: string | null = null;
  let lastQuoted = 'null';
  for (const value of values) {
    // Columns of a log mostly repeat their values.
    if (value !== last) {
      lastQuoted = value == null ? 'null' : quoted(value);
      last = value;
    }
    array += array === '' ? lastQuoted : `,${lastQuoted}`;
  }
  return `{${array}}`;
}

/** Whole numbers in PostgreSQL array notation; null stays null. */
export const numberArray = (values: readonly (number | null)[]): string =>
  `{${values.map((value) => value ?? 'null').join(',')}}`;
