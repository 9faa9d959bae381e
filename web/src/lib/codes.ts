/** Strips spaces and dashes from a typed or pasted one-time code. */
export function plainCode(text: string): string {
  return text.replaceAll(/[\s\u2010-\u2015-]/g, '');
}

/** Whether the text is a complete one-time code. */
export const isWholeCode = (text: string): boolean => /^\d{6}$/.test(plainCode(text));
