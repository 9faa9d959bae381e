const PLAIN = /^[\w.:/-]*$/;

const quoted = (value: string): string =>
  `"${PLAIN.test(value) ? value : value.replace(/["\\]/g, String.raw`\$&`)}"`;

/** Texts in PostgreSQL array notation, built once for all statements that take the same array; null stays null. */
export const textArray = (values: readonly (string | null)[]): string =>
  `{${values.map((value) => (value == null ? 'null' : quoted(value))).join(',')}}`;

/** Whole numbers in PostgreSQL array notation; null stays null. */
export const numberArray = (values: readonly (number | null)[]): string =>
  `{${values.map((value) => value ?? 'null').join(',')}}`;
