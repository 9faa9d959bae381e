import type { KeyDetailQuery } from '../../../gql/graphql.js';

/** Everything that the details page knows about a key. */
export type KeyDetail = NonNullable<KeyDetailQuery['apiKey']>;
