/** The form in which names are compared and searched: trimmed, normalized (NFKC), in lower case. */
export const fold = (text: string): string => text.trim().normalize('NFKC').toLowerCase();
