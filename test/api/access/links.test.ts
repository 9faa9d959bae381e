import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codes, type Credential, type GraphqlResponse } from '../../support/peers/graphql.js';
import { signIn } from '../../support/peers/client.js';
import { Tenancy, type Member } from '../../support/seed/tenancy.js';

const UPDATE_USER = 'mutation ($input: UpdateUserInput!) { updateUser(input: $input) { id } }';
const LINK = 'mutation ($id: ID!) { issuePasswordLink(userId: $id) { passwordLink { url } } }';
const CHOOSE =
  'mutation ($token: String!) { choosePassword(token: $token, password: "a password of the thief") { session { token } } }';

let tenancy: Tenancy;
let organization: string;
let roleId: string;
beforeAll(async () => {
  tenancy = await Tenancy.shared();
  organization = (await tenancy.branch()).organization;
  roleId = await tenancy.role('Organization Administrator');
});
afterAll(() => tenancy.stop());

const admin = (): Promise<Member> => tenancy.member([{ scopeId: organization, roleId }]);
const target = (): Promise<Member> =>
  tenancy.member([{ scopeId: organization, permissions: ['view_customer'] }]);

async function linkFor(userId: string, as: Credential): Promise<string> {
  const data = await tenancy.ask<{ issuePasswordLink: { passwordLink: { url: string } } }>(
    LINK,
    { id: userId },
    as,
  );
  return data.issuePasswordLink.passwordLink.url.split('#token=')[1]!;
}

const choose = (token: string): Promise<GraphqlResponse<unknown>> => tenancy.try(CHOOSE, { token }, {});
const createRole = async (permissions: string[]): Promise<string> =>
  (
    await tenancy.ask<{ createRole: { id: string } }>(
      'mutation ($input: CreateRoleInput!) { createRole(input: $input) { id } }',
      { input: { name: `Role ${Math.random()}`, permissions } },
    )
  ).createRole.id;
const setRole = (id: string, permissions: string[]): Promise<unknown> =>
  tenancy.ask('mutation ($input: UpdateRoleInput!) { updateRole(input: $input) { id } }', {
    input: { id, permissions },
  });

describe('a password link', () => {
  test('becomes invalid when its issuer is disabled', async () => {
    const [issuer, user] = [await admin(), await target()];
    const token = await linkFor(user.id, issuer.credential);
    await tenancy.ask(UPDATE_USER, { input: { id: issuer.id, enabled: false } });
    expect(codes(await choose(token))).toEqual(['FORBIDDEN']);
    await tenancy.ask(UPDATE_USER, { input: { id: issuer.id, enabled: true } });
    expect(codes(await choose(token))).toEqual([]);
  });

  test('becomes invalid when its issuer no longer manages users or holds less than its user', async () => {
    const held = ['keywright.users.manage', 'view_customer'];
    for (const left of [['view_customer'], ['keywright.users.manage'], []]) {
      const [issuer, user] = [
        await tenancy.member([{ scopeId: organization, permissions: held }]),
        await target(),
      ];
      const token = await linkFor(user.id, issuer.credential);
      const grants = [{ scopeId: organization, permissions: left }];
      await tenancy.ask(UPDATE_USER, { input: { id: issuer.id, grants } });
      expect(codes(await choose(token)), left.join()).toEqual(['FORBIDDEN']);
    }
  });

  test('follows roles: narrowed for its issuer, or widened for its user', async () => {
    const narrowed = await createRole(['keywright.users.manage', 'view_customer']);
    const widened = await createRole(['view_customer']);
    const issuer = await tenancy.member([{ scopeId: organization, roleId: narrowed }]);
    const user = await tenancy.member([{ scopeId: organization, roleId: widened }]);
    const token = await linkFor(user.id, issuer.credential);
    await setRole(narrowed, ['keywright.users.manage']);
    expect(codes(await choose(token))).toEqual(['FORBIDDEN']);
    await setRole(narrowed, ['keywright.users.manage', 'view_customer']);
    await setRole(widened, ['view_customer', 'view_invoice']);
    expect(codes(await choose(token))).toEqual(['FORBIDDEN']);
    await setRole(widened, ['view_customer']);
    expect(codes(await choose(token))).toEqual([]);
  });

  test('without an issuer, or replaced by an older process, is rejected with a reason', async () => {
    const user = await target();
    const replaced = await linkFor(user.id, tenancy.owner);
    await tenancy.database.query(
      `insert into password_link (user_id, token_hash, kind, created_at, expires_at)
       select user_id, sha256(convert_to($2, 'UTF8')), kind, created_at, expires_at from password_link where user_id = $1
       on conflict (user_id) do update set token_hash = excluded.token_hash`,
      [user.id, 'A'.repeat(43)],
    );
    expect(codes(await choose(replaced))).toEqual(['FORBIDDEN']);
    const answer = await choose('A'.repeat(43));
    expect(codes(answer)).toEqual(['FORBIDDEN']);
    expect(answer.errors[0]!.message).toContain('before an upgrade');
  });
});

describe("changing somebody else's sign-in", () => {
  test.each([
    ['issuePasswordLink', LINK],
    ['resetTwoFactor', 'mutation ($id: ID!) { resetTwoFactor(userId: $id) { id } }'],
    ['endUserSessions', 'mutation ($id: ID!) { endUserSessions(userId: $id) }'],
  ])('is not done with rights that were lost while %s waited', async (_, query) => {
    const [delegate, user] = [await admin(), await target()];
    const lock = new pg.Client({ connectionString: tenancy.database.url });
    await lock.connect();
    try {
      await lock.query('begin');
      await lock.query('select 1 from app_user where id = $1 for update', [user.id]);
      const waiting = tenancy.try(query, { id: user.id }, delegate.credential);
      await new Promise((resolve) => setTimeout(resolve, 300));
      await tenancy.ask(UPDATE_USER, { input: { id: delegate.id, grants: [] } });
      await lock.query('commit');
      expect(codes(await waiting)).toEqual(['CONFLICT']);
      expect(codes(await tenancy.try('{ viewer { user { id } } }', {}, user.credential))).toEqual([]);
    } finally {
      await lock.end();
    }
  });

  test("can still end all of the caller's own sessions, including the current one", async () => {
    const member = await tenancy.member([{ permissions: ['keywright.users.manage'], scopeId: organization }]);
    await signIn(tenancy.url, member);
    const END = 'mutation ($id: ID!) { endUserSessions(userId: $id) }';
    expect((await tenancy.try(END, { id: member.id }, member.credential)).data).toEqual({
      endUserSessions: 2,
    });
    expect(codes(await tenancy.try('{ viewer { user { id } } }', {}, member.credential))).toEqual([
      'UNAUTHENTICATED',
    ]);
  });
});
