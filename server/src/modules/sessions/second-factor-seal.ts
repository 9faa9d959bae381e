/** The purpose of the box that the secrets of second factors are sealed in. */
export const SECOND_FACTOR_BOX = 'second factor';

/** What the secret of a user's second factor is sealed about. */
export const aboutSecondFactor = (userId: string): readonly string[] => ['totp', userId];
