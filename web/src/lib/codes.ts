/** A one-time code as it was typed or pasted, without the spaces and dashes that people put into it. */
export function plainCode(text: string): string {
  return text.replaceAll(/[\s\u2010-\u2015-]/g, '');
}

/** Whether a text is a whole one-time code. */
export const isWholeCode = (text: string): boolean => /^\d{6}$/.test(plainCode(text));
