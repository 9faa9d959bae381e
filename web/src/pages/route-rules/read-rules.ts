import { client } from '../../apollo/client.js';
import type { RouteRulesQuery as Rules } from '../../gql/graphql.js';
import { RouteRulesQuery } from '../../operations/route-rules.js';

/** A rule as listed. */
export type Rule = Rules['routeRules'][number];

/** Refetches the rules; the list on the page updates. */
export async function readRules(): Promise<Rules> {
  const { data } = await client.query({ query: RouteRulesQuery, fetchPolicy: 'network-only' });
  if (!data) throw new Error('The rules could not be read. Try again.');
  return data;
}
