/** Whitespace, control and invisible characters, which spreadsheets skip or drop. */
const SKIPPED = String.raw`[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]*`;
/** Characters that start a formula, including their full-width, small and superscript or subscript forms and the minus sign. */
const OPERATOR = '=+\\-@＝＋－＠﹦﹢﹣﹫⁼⁺⁻₌₊₋−';
const FORMULA = new RegExp(`^(?:[\\t\\r\\n]|${SKIPPED}[${OPERATOR}])`, 'u');
/** A formula after a character that another program, or the same one in another locale, treats as a cell separator. */
const INNER_FORMULA = new RegExp(
  `([;|\\t\\r\\n])(?=[\\s"'\\p{Cc}\\p{Cf}\\p{Default_Ignorable_Code_Point}]*[${OPERATOR}])`,
  'gu',
);

/**
 * One cell of a CSV file (RFC 4180). Text that a spreadsheet would run as a formula gets a leading apostrophe, at the start
 * and after any other separator; numbers are left unchanged.
 */
export function csvCell(value: string | number | null | undefined): string {
  if (value == null) return '';
  if (typeof value === 'number') return String(value);
  const safe = (FORMULA.test(value) ? `'${value}` : value).replace(INNER_FORMULA, "$1'");
  return /[",;|\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A CSV document (RFC 4180, CRLF) of rows of cells. */
export const toCsv = (rows: readonly (readonly (string | number | null)[])[]): string =>
  rows.map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
