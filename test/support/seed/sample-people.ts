import { request, type Credential } from '../peers/graphql.js';
import { createCustomer } from './sample-access.js';

/** The password of every user added by {@link addPerson}. */
export const PASSWORD = 'a password that is long enough';

/** A grant input of the API. */
type Grant = Record<string, unknown>;

/** The id of a role by its name. */
export async function roleId(url: string, credential: Credential, name: string): Promise<string> {
  const { roles } = await request<{ roles: { id: string; name: string }[] }>(
    url,
    '{ roles { id name } }',
    {},
    credential,
  );
  const role = roles.find((candidate) => candidate.name === name);
  if (!role) throw new Error(`There is no role ${name}.`);
  return role.id;
}

/** Invites a user and returns the link. */
export async function invitePerson(
  url: string,
  credential: Credential,
  email: string,
  name: string,
  grants: readonly Grant[] = [],
): Promise<{ id: string; link: string }> {
  const { inviteUser } = await request<{ inviteUser: { id: string; passwordLink: { url: string } } }>(
    url,
    'mutation ($email: String!, $name: String, $grants: [GrantInput!]!) { inviteUser(email: $email, name: $name, grants: $grants) { id passwordLink { url } } }',
    { email, name, grants },
    credential,
  );
  return { id: inviteUser.id, link: inviteUser.passwordLink.url };
}

/** Adds a user who can sign in with {@link PASSWORD}. */
export async function addPerson(
  url: string,
  credential: Credential,
  email: string,
  name: string,
  grants: readonly Grant[] = [],
): Promise<{ id: string; email: string; password: string }> {
  const { id, link } = await invitePerson(url, credential, email, name, grants);
  await request(
    url,
    'mutation ($token: String!, $password: String!) { choosePassword(token: $token, password: $password) { session { token } } }',
    { token: link.split('#token=')[1], password: PASSWORD },
  );
  return { id, email, password: PASSWORD };
}

/** Creates the users of a typical small company, in different states, with grants at the root and at a customer. */
export async function createSamplePeople(url: string, credential: Credential): Promise<void> {
  const customer = await createCustomer(url, credential, 'Acme Industries');
  const [operator, viewer] = await Promise.all([
    roleId(url, credential, 'Operator'),
    roleId(url, credential, 'Viewer'),
  ]);
  await addPerson(url, credential, 'ada@example.test', 'Ada Operator', [
    { roleId: operator, scopeId: customer },
    { roleId: viewer },
    { permissions: ['view_invoice', 'customer.*'], scopeId: customer },
  ]);
  await invitePerson(url, credential, 'ines@example.test', 'Ines Invited', [{ roleId: viewer }]);
  const { id } = await addPerson(url, credential, 'dora@example.test', 'Dora Disabled');
  await request(
    url,
    'mutation ($id: ID!) { updateUser(input: { id: $id, enabled: false }) { id } }',
    { id },
    credential,
  );
  await request(
    url,
    'mutation ($input: CreateRoleInput!) { createRole(input: $input) { id } }',
    {
      input: {
        name: 'Billing reader',
        description: 'For the finance team',
        permissions: ['view_invoice', 'customer.*'],
      },
    },
    credential,
  );
}
