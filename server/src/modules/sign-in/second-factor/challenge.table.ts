import { EntitySchema } from 'typeorm';

/** A row of `sign_in_challenge`: a sign-in with a correct password that waits for its second factor. */
export interface ChallengeRow {
  readonly tokenHash: Buffer;
  readonly userId: string;
  readonly expiresAt: Date;
  /** Number of codes tried. */
  readonly tries: number;
}

/** Sign-ins that wait for a second factor, by the hash of their token. */
export const ChallengeTable = new EntitySchema<ChallengeRow>({
  name: 'SignInChallenge',
  tableName: 'sign_in_challenge',
  columns: {
    tokenHash: { type: 'bytea', name: 'token_hash', primary: true },
    userId: { type: 'text', name: 'user_id', collation: 'C' },
    expiresAt: { type: 'timestamptz', name: 'expires_at' },
    tries: { type: 'integer', default: 0 },
  },
  indices: [
    { name: 'sign_in_challenge_by_user', columns: ['userId'] },
    { name: 'sign_in_challenge_by_expiry', columns: ['expiresAt'] },
  ],
});
