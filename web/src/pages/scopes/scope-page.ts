import type { ScopeQuery } from '../../gql/graphql.js';

/** The scope as loaded by its page. */
export type ScopePage = NonNullable<ScopeQuery['scope']>;
