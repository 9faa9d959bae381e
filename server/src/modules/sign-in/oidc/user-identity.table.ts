import { EntitySchema } from 'typeorm';

/** A row of `user_identity`: links an identity at a provider to a user. */
export interface UserIdentityRow {
  readonly issuer: string;
  readonly subject: string;
  readonly userId: string;
  readonly createdAt: Date;
}

/** Identities at identity providers, with their users. */
export const UserIdentityTable = new EntitySchema<UserIdentityRow>({
  name: 'UserIdentity',
  tableName: 'user_identity',
  columns: {
    issuer: { type: 'text', primary: true, collation: 'C' },
    subject: { type: 'text', primary: true, collation: 'C' },
    userId: { type: 'text', name: 'user_id', collation: 'C' },
    createdAt: { type: 'timestamptz', name: 'created_at' },
  },
  indices: [{ name: 'user_identity_one_of_issuer', columns: ['userId', 'issuer'], unique: true }],
});
