import type { KeyDetailQuery } from '../../../gql/graphql.js';

/** The key as loaded by the details page. */
export type KeyDetail = NonNullable<KeyDetailQuery['apiKey']>;
