import { EntitySchema } from 'typeorm';

/** A row of `user_identity`: a person as an identity provider names them, and the user that this is here. */
export interface UserIdentityRow {
  readonly issuer: string;
  readonly subject: string;
  readonly userId: string;
  readonly createdAt: Date;
}

/** Who signs in through an identity provider. */
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
