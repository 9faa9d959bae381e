import { signIn } from '../../support/peers/client.js';
import { request, type Credential } from '../../support/peers/graphql.js';
import type { Maker, PlacedGrant } from './maker.js';

const PASSWORD = 'a password for everyone here';

/** An invited user. */
export interface Invited {
  readonly id: string;
  readonly email: string;
  /** Token of the one-time link. */
  readonly token: string;
}

/** Invites a user, who has not responded yet. */
export async function inviteOnly(maker: Maker, grants: readonly PlacedGrant[]): Promise<Invited> {
  const email = `${maker.name('person').replace(' ', '-')}@example.test`;
  const { inviteUser } = await maker.make<{ inviteUser: { id: string; passwordLink: { url: string } } }>(
    `mutation ($email: String!, $grants: [GrantInput!]!) {
       inviteUser(email: $email, name: "Invited", grants: $grants) { id passwordLink { url } } }`,
    { email, grants },
  );
  return { id: inviteUser.id, email, token: inviteUser.passwordLink.url.replace(/^.*#token=/, '') };
}

/** Invites a user, who sets a password. */
export async function inviteAndJoin(maker: Maker, grants: readonly PlacedGrant[]): Promise<Invited> {
  const invited = await inviteOnly(maker, grants);
  await request(
    maker.url,
    `mutation ($token: String!, $password: String!) {
       choosePassword(token: $token, password: $password) { session { expiresAt } } }`,
    { token: invited.token, password: PASSWORD },
  );
  return invited;
}

/** Invites a user, who sets a password and signs in. */
export async function invite(
  maker: Maker,
  grants: readonly PlacedGrant[],
): Promise<{ id: string; credential: Credential; account: { email: string; password: string } }> {
  const { id, email } = await inviteAndJoin(maker, grants);
  const account = { email, password: PASSWORD };
  return { id, credential: { bearer: await signIn(maker.url, account) }, account };
}

/** The id of a new, pending invitation. */
export async function makeInvitation(maker: Maker, grants: readonly PlacedGrant[]): Promise<string> {
  const { email } = await inviteOnly(maker, grants);
  const { invitations } = await maker.make<{ invitations: { id: string; email: string }[] }>(
    '{ invitations { id email } }',
    {},
  );
  return invitations.find((invitation) => invitation.email === email)!.id;
}
