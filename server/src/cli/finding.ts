/** One thing that was looked at, and a sentence about it. */
export interface Finding {
  readonly good: boolean;
  readonly sentence: string;
}

/** It is as it should be. */
export const fine = (sentence: string): Finding => ({ good: true, sentence });

/** It is not. */
export const wrong = (sentence: string): Finding => ({ good: false, sentence });
