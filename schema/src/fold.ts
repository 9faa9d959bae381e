/** The form in which names are compared and searched: trimmed, NFKC-normalized, lowercase. */
export const fold = (text: string): string => text.trim().normalize('NFKC').toLowerCase();
