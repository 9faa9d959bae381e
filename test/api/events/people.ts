import { expect } from 'vitest';
import type { EventType } from '@keywright/schema/event-types';
import { CookieJar } from '../../support/peers/cookie-jar.js';
import { signIn } from '../../support/peers/client.js';
import type { Authenticator } from '../../support/peers/authenticator.js';
import type { Person } from '../../support/seed/people.js';
import { keywrightCommand } from '../../support/servers/command-line.js';
import { signInThere, viewerOf } from '../../support/servers/single-sign-on.js';
import { ROOT, type Cases, type World } from './world.js';

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string;
const GRANTS = [{ scope: ROOT, permissions: ['view_customer'] }];

/** Signs in through the identity provider; returns the id of the user. */
async function signInAs(world: World, sub: string, over: Record<string, unknown> = {}): Promise<string> {
  world.sso.provider.be({ sub, email: `${sub}@example.test`, name: 'Ada', groups: ['readers'], ...over });
  const jar = new CookieJar();
  await signInThere(world.sso.url, jar);
  return (await viewerOf(world.sso.url, jar)).user.id;
}

/** Invites a person; the id of the invitation and the token of its link. */
async function invite(world: World, email: string): Promise<{ id: string; token: string }> {
  const args = `email: "${email}", name: "Guest", grants: [{ permissions: ["view_customer"] }]`;
  const { passwordLink } = await world.mutate<{ passwordLink: { url: string } }>(
    'inviteUser',
    args,
    '{ passwordLink { url } }',
  );
  const [row] = await world.query<{ id: string }>('select id from invitation where email = $1', [email]);
  return { id: row!.id, token: passwordLink.url.split('#token=')[1]! };
}

const guest = (world: World): string => `guest${world.next()}@example.test`;

interface Enrolled {
  readonly person: Person;
  readonly bearer: string;
  readonly authenticator: Authenticator;
  readonly recoveryCodes: string[];
}

/** A person with a second factor. */
async function enrolled(world: World): Promise<Enrolled> {
  const person = await world.people.add();
  const bearer = await world.people.signIn(person);
  world.sent.add('beginTwoFactor').add('confirmTwoFactor');
  const second = await world.people.enrol(bearer, person.password);
  await world.query('delete from attempt');
  return { person, bearer, ...second };
}

const proof = async ({ person, authenticator }: Enrolled): Promise<string> =>
  `password: ${JSON.stringify(person.password)}, code: "${await authenticator.fresh()}"`;

const own = (world: World): Promise<string> =>
  signIn(world.sso.url).then((bearer) => {
    world.sent.add('signIn');
    return bearer;
  });

const ownerId = async ({ query }: World): Promise<string> =>
  (await query<{ id: string }>("select id from app_user where email = 'owner@example.test'"))[0]!.id;

const newest = async (
  world: World,
  column: 'id',
  table: 'session' | 'app_user',
  by: string,
): Promise<string> =>
  (await world.query<{ id: string }>(`select ${column} from ${table} order by ${by} desc limit 1`))[0]!.id;

/** Cases of the events of users. */
export const userCases: Cases<Extract<EventType, `user.${string}`>> = {
  'user.created': [
    {
      cause: (world) => signInAs(world, `sub${world.next()}`),
      payload: {
        email: { after: expect.stringContaining('@') as string },
        issuer: { after: expect.stringMatching(/^http/) as string },
        subject: { after: expect.stringMatching(/^sub/) as string },
      },
    },
    {
      async cause(world) {
        const email = `owner${world.next()}@example.test`;
        const args = ['create-owner', '--email', email, '--name', 'Second', '--password-stdin'];
        const ran = await keywrightCommand(
          world.sso.keywright.settings,
          args,
          'correct horse battery staple',
        );
        expect(ran).toMatchObject({ code: 0 });
        return newest(world, 'id', 'app_user', 'created_at');
      },
      payload: { email: { after: expect.stringContaining('owner') as string }, role: { after: 'Owner' } },
    },
  ],
  'user.invited': [
    {
      cause: async (world) => (await invite(world, guest(world))).id,
      payload: {
        email: { before: null, after: expect.stringContaining('guest') as string },
        grants: { before: null, after: GRANTS },
      },
    },
  ],
  'user.invitation_renewed': [
    {
      async cause(world) {
        const { id } = await invite(world, guest(world));
        return (await world.mutate('resendInvitation', `id: "${id}"`)).id;
      },
      payload: { expiresAt: { after: TIME } },
    },
  ],
  'user.invitation_revoked': [
    {
      async cause(world) {
        const { id } = await invite(world, guest(world));
        await world.mutate('revokeInvitation', `id: "${id}"`, '');
        return id;
      },
      payload: {},
    },
  ],
  'user.invitation_accepted': [
    {
      async cause(world) {
        const person = await world.people.add();
        const { token } = await invite(world, person.email);
        const bearer = await world.people.signIn(person);
        return (await world.mutate('acceptInvitation', `token: "${token}"`, '{ id }', { bearer })).id;
      },
      payload: { grants: { before: [{ scope: ROOT, permissions: [] }], after: expect.any(Array) as [] } },
    },
    {
      async cause(world) {
        const email = guest(world);
        const { token } = await invite(world, email);
        world.sent.add('choosePassword');
        await world.people.choose(token, 'correct horse battery staple', 'Chosen Name');
        return newest(world, 'id', 'app_user', 'created_at');
      },
      payload: {
        email: { before: null, after: expect.stringContaining('guest') as string },
        grants: { before: null, after: GRANTS },
      },
    },
  ],
  'user.invitation_declined': [
    {
      async cause(world) {
        const person = await world.people.add();
        const { id, token } = await invite(world, person.email);
        const bearer = await world.people.signIn(person);
        await world.mutate('declineInvitation', `token: "${token}"`, '', { bearer });
        return id;
      },
      payload: {},
    },
  ],
  'user.updated': [
    {
      async cause(world) {
        const { id } = await world.people.add(['view_customer']);
        return (await world.mutate('updateUser', `input: { id: "${id}", name: "Renamed", grants: [] }`)).id;
      },
      payload: {
        name: { before: expect.stringMatching(/^Person/) as string, after: 'Renamed' },
        grants: { before: GRANTS, after: [] },
      },
    },
  ],
  'user.disabled': [
    {
      async cause(world) {
        const { id } = await world.people.add();
        return (await world.mutate('updateUser', `input: { id: "${id}", name: "Gone", enabled: false }`)).id;
      },
      payload: { enabled: { before: true, after: false } },
    },
  ],
  'user.enabled': [
    {
      async cause(world) {
        const { id } = await world.people.add();
        await world.mutate('updateUser', `input: { id: "${id}", enabled: false }`);
        return (await world.mutate('updateUser', `input: { id: "${id}", enabled: true }`)).id;
      },
      payload: { enabled: { before: false, after: true } },
    },
  ],
  'user.identity_linked': [
    {
      async cause(world) {
        const { email } = await world.people.add();
        return signInAs(world, `sub${world.next()}`, { email, email_verified: true });
      },
      payload: {
        issuer: { after: expect.stringMatching(/^http/) as string },
        subject: { after: expect.stringMatching(/^sub/) as string },
      },
    },
  ],
  'user.group_roles_changed': [
    {
      async cause(world) {
        const sub = `sub${world.next()}`;
        await signInAs(world, sub);
        return signInAs(world, sub, { groups: ['everything'] });
      },
      payload: {
        grants: {
          before: [{ role: 'Test Reader', scope: expect.any(String) as string, scopeId: ROOT }],
          after: [{ role: 'Owner', scope: expect.any(String) as string, scopeId: ROOT }],
        },
        source: { after: 'oidc' },
      },
    },
  ],
  'user.password_link_created': [
    {
      cause: async (world) =>
        (await world.mutate('issuePasswordLink', `userId: "${await world.people.invite()}"`)).id,
      payload: { kind: { after: 'INVITATION' }, expiresAt: { after: TIME } },
    },
  ],
  'user.password_changed': [
    {
      async cause(world) {
        const person = await world.people.add();
        const bearer = await world.people.signIn(person);
        const args = `currentPassword: ${JSON.stringify(person.password)}, newPassword: "another long password"`;
        await world.mutate('changePassword', args, '', { bearer });
        return person.id;
      },
      payload: {},
    },
    {
      async cause(world) {
        const id = await world.people.invite();
        await world.people.choose(await world.people.link(id), 'correct horse battery staple', 'Chosen Name');
        return id;
      },
      payload: { name: { before: expect.stringMatching(/^Person/) as string, after: 'Chosen Name' } },
    },
  ],
  'user.two_factor_enabled': [{ cause: async (world) => (await enrolled(world)).person.id, payload: {} }],
  'user.two_factor_disabled': [
    {
      async cause(world) {
        const one = await enrolled(world);
        await world.mutate('disableTwoFactor', await proof(one), '', one);
        return one.person.id;
      },
      payload: {},
    },
  ],
  'user.two_factor_reset': [
    {
      cause: async (world) =>
        (await world.mutate('resetTwoFactor', `userId: "${(await enrolled(world)).person.id}"`)).id,
      payload: {},
    },
  ],
  'user.recovery_code_used': [
    {
      async cause(world) {
        const { person, recoveryCodes } = await enrolled(world);
        world.sent.add('completeTwoFactor');
        const { errors } = await world.people.complete(
          await world.people.challenge(person),
          recoveryCodes[0]!,
        );
        expect(errors).toEqual([]);
        return person.id;
      },
      payload: {},
    },
  ],
  'user.recovery_codes_renewed': [
    {
      async cause(world) {
        const one = await enrolled(world);
        await world.mutate('renewRecoveryCodes', await proof(one), '', one);
        return one.person.id;
      },
      payload: {},
    },
  ],
  'user.sessions_ended': [
    {
      async cause(world) {
        const bearer = await own(world);
        await world.mutate('endOtherSessions', '', '', { bearer });
        // The owner of the other cases was signed out with them.
        Object.assign(world.owner, { bearer });
        return ownerId(world);
      },
      payload: { ended: { after: expect.any(Number) as number } },
    },
    {
      async cause(world) {
        const person = await world.people.add();
        await world.query('delete from session where user_id = $1', [person.id]);
        await world.people.signIn(person);
        await world.mutate('endUserSessions', `userId: "${person.id}"`, '');
        return person.id;
      },
      payload: { ended: { after: 1 } },
    },
  ],
  'user.signed_in': [
    {
      async cause(world) {
        await own(world);
        return newest(world, 'id', 'session', 'created_at');
      },
      payload: {},
    },
    {
      async cause(world) {
        await signInAs(world, `sub${world.next()}`);
        return newest(world, 'id', 'session', 'created_at');
      },
      payload: { method: { after: 'oidc' } },
    },
  ],
  'user.signed_out': [
    {
      async cause(world) {
        const bearer = await own(world);
        const id = await newest(world, 'id', 'session', 'created_at');
        await world.mutate('signOut', '', '', { bearer });
        return id;
      },
      payload: {},
    },
    {
      async cause(world) {
        await own(world);
        const id = await newest(world, 'id', 'session', 'created_at');
        await world.mutate('endSession', `id: "${id}"`, '');
        return id;
      },
      payload: {},
    },
  ],
};
