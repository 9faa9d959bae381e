/** Whether PostgreSQL can store the text: without NUL and lone surrogates. */
export const isStorableText = (text: string): boolean => !text.includes('\0') && text.isWellFormed();
