const PLAIN = /^[\w.:-]*$/;

/** Texts in PostgreSQL array notation, built once for all statements that take the same array. */
export const textArray = (values: readonly string[]): string =>
  `{${values.map((value) => `"${PLAIN.test(value) ? value : value.replace(/["\\]/g, String.raw`\$&`)}"`).join(',')}}`;

/** Whole numbers in PostgreSQL array notation. */
export const numberArray = (values: readonly number[]): string => `{${values.join(',')}}`;
