/** Result of a check, as a sentence. */
export interface Finding {
  readonly good: boolean;
  readonly sentence: string;
}

export const fine = (sentence: string): Finding => ({ good: true, sentence });

export const wrong = (sentence: string): Finding => ({ good: false, sentence });
