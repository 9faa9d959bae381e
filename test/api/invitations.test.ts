import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { signIn } from '../support/peers/client.js';
import { codes, type Credential, type GraphqlResponse } from '../support/peers/graphql.js';
import { Tenancy, type GrantInput, type Member } from '../support/seed/tenancy.js';

const INVITE = `mutation ($email: String!, $name: String, $grants: [GrantInput!]!) {
  inviteUser(email: $email, name: $name, grants: $grants) {
    id email name status enabled external lastSignInAt twoFactorEnabled grants { permissions role { id } scope { id } }
    passwordLink { url expiresAt mailed } } }`;
const CHOOSE =
  'mutation ($token: String!, $password: String!) { choosePassword(token: $token, password: $password) { session { token user { id } } } }';
const ACCEPT = 'mutation ($token: String!) { acceptInvitation(token: $token) { id } }';
const DECLINE = 'mutation ($token: String!) { declineInvitation(token: $token) }';
const RECEIVED = `query ($token: String!) { receivedInvitation(token: $token) {
  email name issuerName grants { role permissions scope } } }`;
const LIST = '{ invitations { id email url issuer { id } grants { permissions } } }';
const RESEND = 'mutation ($id: ID!) { resendInvitation(id: $id) { url } }';
const REVOKE = 'mutation ($id: ID!) { revokeInvitation(id: $id) }';
const AUDIT =
  'query ($id: ID!) { auditEvents(filter: { targetId: $id }) { nodes { action targetId targetType changes } } }';
const UPDATE_USER = 'mutation ($input: UpdateUserInput!) { updateUser(input: $input) { id } }';
const PASSWORD = 'a password of the invited';

interface InvitedUser {
  readonly id: string;
  readonly passwordLink: { readonly url: string };
}

let tenancy: Tenancy;
let mine: string;
let other: string;
let admin: Member;
let auditor: Member;
beforeAll(async () => {
  tenancy = await Tenancy.shared();
  mine = (await tenancy.branch()).organization;
  other = (await tenancy.branch()).organization;
  const roleId = await tenancy.role('Organization Administrator');
  admin = await tenancy.member([{ scopeId: mine, roleId }]);
  auditor = await tenancy.member([{ scopeId: mine, permissions: ['keywright.audit.read'] }]);
});
afterEach(() => tenancy.database.query('delete from invitation'));
afterAll(() => tenancy.stop());

const viewing = (): GrantInput[] => [{ scopeId: mine, permissions: ['view_customer'] }];
const tokenOf = ({ passwordLink }: InvitedUser): string => passwordLink.url.split('#token=')[1]!;
async function invite(
  email: string,
  grants = viewing(),
  as: Credential = admin.credential,
): Promise<InvitedUser> {
  const variables = { email, name: 'Somebody', grants };
  return (await tenancy.ask<{ inviteUser: InvitedUser }>(INVITE, variables, as)).inviteUser;
}
const choose = (
  token: string,
): Promise<GraphqlResponse<{ choosePassword: { session: { user: { id: string } } } }>> =>
  tenancy.try(CHOOSE, { token, password: PASSWORD }, {});
const accept = (
  token: string,
  as: Credential,
): Promise<GraphqlResponse<{ acceptInvitation: { id: string } }>> => tenancy.try(ACCEPT, { token }, as);
const permissionsOf = async (as: Credential): Promise<string[]> =>
  (await tenancy.ask<{ viewer: { permissions: string[] } }>('{ viewer { permissions } }', {}, as)).viewer
    .permissions;
const listed = async (as: Credential): Promise<{ id: string; email: string; url: null }[]> =>
  (await tenancy.ask<{ invitations: { id: string; email: string; url: null }[] }>(LIST, {}, as)).invitations;

describe('inviting', () => {
  test('answers the same whether or not the address has an account, in everything the issuer can read', async () => {
    const foreign = await tenancy.member([{ scopeId: other, permissions: ['view_invoice'] }]);
    const disabled = await tenancy.member([{ scopeId: other, permissions: ['view_invoice'] }]);
    await tenancy.ask(UPDATE_USER, { input: { id: disabled.id, enabled: false } });
    const addresses = [foreign.email, foreign.email.toUpperCase(), disabled.email, 'new.here@example.test'];
    const reported: string[] = [];
    for (const email of addresses) {
      const answers: unknown[] = [];
      const ask = async <Data>(query: string, variables: Record<string, unknown>): Promise<Data> => {
        const { status, data, errors } = await tenancy.try<Data>(query, variables, admin.credential);
        answers.push({ status, data, errors });
        return data!;
      };
      const { inviteUser } = await ask<{ inviteUser: InvitedUser }>(INVITE, {
        email,
        name: 'Somebody',
        grants: viewing(),
      });
      await ask(RECEIVED, { token: tokenOf(inviteUser) });
      await ask(CHOOSE, { token: tokenOf(inviteUser), password: 'short' });
      await ask(ACCEPT, { token: tokenOf(inviteUser) });
      await ask('query ($id: ID!) { user(id: $id) { id } }', { id: inviteUser.id });
      await ask('mutation ($id: ID!) { issuePasswordLink(userId: $id) { id } }', { id: inviteUser.id });
      await ask('query ($search: String) { users(search: $search) { id } }', { search: email });
      const { invitations } = await ask<{ invitations: { id: string }[] }>(LIST, {});
      await ask(AUDIT, { id: invitations[0]!.id });
      await ask(RESEND, { id: invitations[0]!.id });
      await ask(REVOKE, { id: invitations[0]!.id });
      reported.push(
        JSON.stringify(answers)
          .replaceAll(email, 'address')
          .replaceAll(/(usr|inv|aud)_\w{26}/g, '$1')
          .replaceAll(/token=[\w-]{43}/g, 'token')
          .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'instant')
          .replaceAll(/"requestId":"[^"]+"/g, 'request'),
      );
    }
    expect([...new Set(reported)]).toEqual([reported[0]]);
    expect(reported[0]).toContain('"status":"INVITED"');
  });

  test('grants nothing and creates no account until it is accepted', async () => {
    const { id } = await invite('not.yet@example.test');
    const rows = await tenancy.database.query('select 1 from app_user where id = $1 or email = $2', [
      id,
      'not.yet@example.test',
    ]);
    expect(rows).toEqual([]);
    expect((await tenancy.try('query ($id: ID!) { user(id: $id) { id } }', { id })).data).toEqual({
      user: null,
    });
  });
});

describe('the link of an invitation', () => {
  test('creates the account if there is none, once, under the returned id', async () => {
    const invited = await invite('brand.new@example.test');
    const token = tokenOf(invited);
    const { data } = await tenancy.try(RECEIVED, { token }, {});
    const { grants } = (data as { receivedInvitation: { grants: unknown } }).receivedInvitation;
    expect(grants).toEqual([
      { role: null, permissions: ['view_customer'], scope: expect.stringMatching(/^organization/) },
    ]);
    const answers = await Promise.all([choose(token), choose(token), choose(token)]);
    const [joined] = answers.filter((answer) => answer.data);
    expect(answers.filter((answer) => answer.data)).toHaveLength(1);
    expect(joined!.data!.choosePassword.session.user.id).toBe(invited.id);
    const account = { email: 'brand.new@example.test', password: PASSWORD };
    expect(await permissionsOf({ bearer: await signIn(tenancy.url, account) })).toEqual(['view_customer']);
    expect(codes(await choose(token))).toEqual(['FORBIDDEN']);
    expect(codes(await tenancy.try(RECEIVED, { token }, {}))).toEqual(['UNAUTHENTICATED']);
    expect((await tenancy.try(RECEIVED, { token })).data).toEqual({ receivedInvitation: null });
  });

  test('never sets the password of an existing account, which accepts it when signed in', async () => {
    const member = await tenancy.member([{ scopeId: other, permissions: ['view_invoice'] }]);
    const token = tokenOf(await invite(` ${member.email.toUpperCase()}`));
    expect(codes(await choose(token))).toEqual(['CONFLICT']);
    await signIn(tenancy.url, member);
    expect(await permissionsOf(member.credential)).toEqual(['view_invoice']);
    const answer = await accept(token, member.credential);
    expect(answer.data).toEqual({ acceptInvitation: { id: member.id } });
    expect(await permissionsOf(member.credential)).toEqual(['view_customer', 'view_invoice']);
    expect(codes(await accept(token, member.credential))).toEqual(['FORBIDDEN']);
    // The inviter's log has the acceptance, and nothing about the account's grants elsewhere.
    const { auditEvents } = await tenancy.ask<{ auditEvents: { nodes: { action: string }[] } }>(
      AUDIT,
      { id: member.id },
      auditor.credential,
    );
    expect(auditEvents.nodes.map(({ action }) => action)).toEqual(['user.invitation_accepted']);
    expect(JSON.stringify(auditEvents)).not.toContain('view_invoice');
  });

  test('can be declined only by its recipient, which ends it', async () => {
    const [member, stranger] = [await tenancy.member([]), await tenancy.member([])];
    const token = tokenOf(await invite(member.email));
    expect(codes(await tenancy.try(DECLINE, { token }, stranger.credential))).toEqual(['FORBIDDEN']);
    expect(codes(await tenancy.try(DECLINE, { token }, {}))).toEqual(['UNAUTHENTICATED']);
    expect((await tenancy.try(DECLINE, { token }, member.credential)).data).toEqual({
      declineInvitation: true,
    });
    expect(codes(await accept(token, member.credential))).toEqual(['FORBIDDEN']);
    expect(await permissionsOf(member.credential)).toEqual([]);
  });

  test('cannot be used by any other signed-in user or by a key, and remains valid for its recipient', async () => {
    const [member, stranger] = [await tenancy.member([]), await tenancy.member([])];
    const token = tokenOf(await invite(member.email));
    const apiKey = (await tenancy.key({ permissions: ['*'] })).secret;
    for (const as of [stranger.credential, tenancy.owner, { apiKey }]) {
      expect(codes(await accept(token, as))).toEqual(['FORBIDDEN']);
    }
    expect(codes(await accept(token, {}))).toEqual(['UNAUTHENTICATED']);
    expect(codes(await accept(token, member.credential))).toEqual([]);
  });

  test('grants only what its issuer could still grant', async () => {
    const held = [...viewing(), { scopeId: mine, permissions: ['keywright.users.manage'] }];
    for (const change of [{ enabled: false }, { grants: viewing() }, { grants: [held[1]!] }]) {
      const [issuer, member] = [await tenancy.member(held), await tenancy.member([])];
      const known = tokenOf(await invite(member.email, viewing(), issuer.credential));
      const unknown = tokenOf(await invite(`x${member.email}`, viewing(), issuer.credential));
      await tenancy.ask(UPDATE_USER, { input: { id: issuer.id, ...change } });
      expect(codes(await accept(known, member.credential))).toEqual(['FORBIDDEN']);
      expect(codes(await choose(unknown))).toEqual(['FORBIDDEN']);
      expect(await permissionsOf(member.credential)).toEqual([]);
    }
    const made = await tenancy.key({ grants: held });
    const member = await tenancy.member([]);
    const token = tokenOf(await invite(member.email, viewing(), { apiKey: made.secret }));
    await tenancy.ask('mutation ($id: ID!) { disableApiKey(id: $id) { apiKey { id } } }', { id: made.id });
    expect(codes(await accept(token, member.credential))).toEqual(['FORBIDDEN']);
    await tenancy.ask('mutation ($id: ID!) { enableApiKey(id: $id) { apiKey { id } } }', { id: made.id });
    expect(codes(await accept(token, member.credential))).toEqual([]);
  });

  test('grants the rest if roles or scopes were deleted meanwhile', async () => {
    const gone = (await tenancy.branch()).organization;
    const scopeId = await tenancy.scope('ACCOUNT', gone);
    const member = await tenancy.member([]);
    const grants = [...viewing(), { scopeId, permissions: ['view_invoice'] }];
    const token = tokenOf(await invite(member.email, grants, tenancy.owner));
    await tenancy.ask('mutation ($id: ID!) { deleteScope(id: $id) }', { id: scopeId });
    expect(codes(await accept(token, member.credential))).toEqual([]);
    expect(await permissionsOf(member.credential)).toEqual(['view_customer']);
  });

  test('expires, and is replaced by a new one', async () => {
    const first = tokenOf(await invite('again@example.test'));
    const id = (await listed(admin.credential))[0]!.id;
    const { resendInvitation } = await tenancy.ask<{ resendInvitation: { url: string } }>(
      RESEND,
      { id },
      admin.credential,
    );
    const second = resendInvitation.url.split('#token=')[1]!;
    expect(codes(await choose(first))).toEqual(['FORBIDDEN']);
    await tenancy.database.query("update invitation set expires_at = now() - interval '1 second'");
    expect(codes(await choose(second))).toEqual(['FORBIDDEN']);
    expect(await listed(admin.credential)).toEqual([]);
  });
});

describe('pending invitations', () => {
  test('are listed, resent and revoked by callers who manage users there and hold what they grant', async () => {
    const token = tokenOf(await invite('pending@example.test', viewing(), tenancy.owner));
    const elsewhere = await tenancy.member([
      { scopeId: other, roleId: await tenancy.role('Organization Administrator') },
    ]);
    const weak = await tenancy.member([{ scopeId: mine, permissions: ['keywright.users.manage'] }]);
    const id = (await listed(weak.credential))[0]!.id;
    expect(await listed(elsewhere.credential)).toEqual([]);
    for (const query of [RESEND, REVOKE]) {
      expect(codes(await tenancy.try(query, { id }, elsewhere.credential))).toEqual(['NOT_FOUND']);
      expect(codes(await tenancy.try(query, { id }, weak.credential))).toEqual(['GRANT_NOT_HELD']);
    }
    expect((await tenancy.try(REVOKE, { id }, admin.credential)).data).toEqual({ revokeInvitation: true });
    expect(codes(await tenancy.try(REVOKE, { id }, admin.credential))).toEqual(['NOT_FOUND']);
    expect(codes(await choose(token))).toEqual(['FORBIDDEN']);
  });
});
