import { client } from '../../apollo/client.js';
import type { RouteRulesQuery as Rules } from '../../gql/graphql.js';
import { RouteRulesQuery } from '../../operations/route-rules.js';

/** Reads the rules as they are now; the list on the page follows. */
export async function readRules(): Promise<Rules> {
  const { data } = await client.query({ query: RouteRulesQuery, fetchPolicy: 'network-only' });
  if (!data) throw new Error('The rules could not be read. Try again.');
  return data;
}
