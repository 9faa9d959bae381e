import type { ScopeQuery } from '../../gql/graphql.js';

/** Everything that the page of a scope knows about it. */
export type ScopePage = NonNullable<ScopeQuery['scope']>;
