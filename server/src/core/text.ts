/** What must never reach PostgreSQL text: NUL and lone surrogates. */
export const isStorableText = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

/** Control characters, and the marks that reorder text (bidirectional overrides and isolates): confusing in a name. */
// eslint-disable-next-line no-control-regex
const CONFUSING = /[\u0000-\u001f\u007f-\u009f\u200b\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/;

/** Whether a single-line text is free of control, zero-width and reordering characters. */
export const isPlainLine = (text: string): boolean => isStorableText(text) && !CONFUSING.test(text);

/** The form in which names are compared: trimmed, normalised, case-folded. */
export const fold = (text: string): string => text.trim().normalize('NFKC').toLowerCase();

/** Length in characters as a person counts them, near enough: code points. */
export const lengthOf = (text: string): number => [...text].length;
