const PLAIN = /^[\w.:-]*$/;

/** Texts as PostgreSQL writes an array of them: made once here for all statements that take the same one. */
export const textArray = (values: readonly string[]): string =>
  `{${values.map((value) => `"${PLAIN.test(value) ? value : value.replace(/["\\]/g, String.raw`\$&`)}"`).join(',')}}`;

/** Whole numbers as PostgreSQL writes an array of them. */
export const numberArray = (values: readonly number[]): string => `{${values.join(',')}}`;
