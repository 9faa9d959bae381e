/** The purpose of the box that seals the secrets of second factors. */
export const SECOND_FACTOR_BOX = 'second factor';

/** The context that binds a sealed secret to its user. */
export const aboutSecondFactor = (userId: string): readonly string[] => ['totp', userId];
