import { randomBytes } from 'node:crypto';
import { request } from '../peers/graphql.js';
import type { FreshDatabase } from '../servers/fresh-database.js';
import { sharedKeywright } from '../servers/shared-keywright.js';

/** A customer on the shared server of this worker, for one test file; its administrator sees nothing of other files. */
export interface OwnCustomer {
  /** Base URL of the server, without a trailing slash. */
  readonly url: string;
  /** The database of the server, which other test files use as well. */
  readonly database: Pick<FreshDatabase, 'url' | 'query'>;
  /** All output of the server so far, also about other files. */
  readonly output: () => Promise<string>;
  readonly id: string;
  /** A session of its administrator, who holds every permission in this customer and none above. */
  readonly bearer: string;
  readonly admin: { readonly email: string; readonly password: string };
  /** A session of the owner of the installation, for what needs the root. */
  readonly owner: string;
}

const PASSWORD = 'a password of the administrator';

/** Creates a customer with an administrator on the shared server. */
export async function ownCustomer(): Promise<OwnCustomer> {
  const { url, owner, database, output } = await sharedKeywright();
  const as = { bearer: owner };
  const name = `customer-${randomBytes(6).toString('hex')}`;
  const email = `${name}@example.test`;
  const input = { kind: 'CUSTOMER', name, email, apiEnabled: true };
  const { createScope } = await request<{ createScope: { id: string } }>(
    url,
    'mutation ($input: CreateScopeInput!) { createScope(input: $input) { id } }',
    { input },
    as,
  );
  const { inviteUser } = await request<{ inviteUser: { passwordLink: { url: string } } }>(
    url,
    `mutation ($email: String!, $grants: [GrantInput!]!) {
       inviteUser(email: $email, name: "Administrator", grants: $grants) { passwordLink { url } } }`,
    { email, grants: [{ scopeId: createScope.id, permissions: ['*'] }] },
    as,
  );
  const { choosePassword } = await request<{ choosePassword: { session: { token: string } } }>(
    url,
    `mutation ($token: String!, $password: String!) {
       choosePassword(token: $token, password: $password) { session { token } } }`,
    { token: inviteUser.passwordLink.url.split('#token=')[1], password: PASSWORD },
  );
  return {
    url,
    database,
    output,
    id: createScope.id,
    bearer: choosePassword.session.token,
    admin: { email, password: PASSWORD },
    owner,
  };
}
