import type { KeysQuery } from '../../gql/graphql.js';

/** A row of the keys table; usage is present only for users who can see it. */
export type KeyListRow = KeysQuery['apiKeys']['nodes'][number];
