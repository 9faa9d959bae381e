import type { KeysQuery } from '../../gql/graphql.js';

/** A row of the keys table; its usage is there for whoever may see it. */
export type KeyListRow = KeysQuery['apiKeys']['nodes'][number];
