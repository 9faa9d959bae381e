import { randomBytes } from 'node:crypto';
import { createKey, signIn, type CreatedKey } from '../peers/client.js';
import { graphql, request, type Credential, type GraphqlResponse } from '../peers/graphql.js';
import type { FreshDatabase } from '../servers/fresh-database.js';
import { sharedKeywright } from '../servers/shared-keywright.js';
import { startKeywright } from '../servers/start-keywright.js';

/** The root of the scope tree. */
export const ROOT = 'scp_00000000000000000000000000';

/** A grant input. */
export interface GrantInput {
  readonly scopeId?: string;
  readonly roleId?: string;
  readonly permissions?: readonly string[];
}

/** A user who was invited, set a password and signed in. */
export interface Member {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly credential: Credential;
}

// Unique among all files that share a server.
const FILE = randomBytes(4).toString('hex');
let made = 0;
const PASSWORD = 'a password for all members';

/** One installation with several users and customers, all created by the owner. */
export class Tenancy {
  private roles: Promise<ReadonlyMap<string, string>> | undefined;

  private constructor(
    readonly url: string,
    readonly owner: Credential,
    readonly database: Pick<FreshDatabase, 'url' | 'query'>,
    /** All output of the server so far. */
    readonly output: () => Promise<string>,
    /** Stops its own server; a shared one stays. */
    readonly stop: () => Promise<void>,
  ) {}

  /** Starts a server with these settings, for tests that look at the whole installation or need their own settings. */
  static async start(env: Record<string, string> = {}): Promise<Tenancy> {
    const keywright = await startKeywright({ env });
    const { url, database, process } = keywright;
    const output = () => Promise.resolve(process.stdout() + process.stderr());
    return new Tenancy(url, { bearer: await signIn(url) }, database, output, () => keywright.stop());
  }

  /** Uses the shared server of this worker, for tests that only look at customers and people that they create. */
  static async shared(): Promise<Tenancy> {
    const { url, owner, database, output } = await sharedKeywright();
    return new Tenancy(url, { bearer: owner }, database, output, () => Promise.resolve());
  }

  /** Sends one operation that must succeed; as the owner by default. */
  ask<Data>(
    query: string,
    variables: Record<string, unknown> = {},
    as: Credential = this.owner,
  ): Promise<Data> {
    return request<Data>(this.url, query, variables, as);
  }

  /** Sends one operation and returns the response. */
  try<Data = Record<string, unknown>>(
    query: string,
    variables: Record<string, unknown>,
    as: Credential = this.owner,
  ): Promise<GraphqlResponse<Data>> {
    return graphql<Data>(this.url, query, variables, as);
  }

  /** Creates a customer, organization or account with its API on; returns its id. */
  async scope(kind: string, parentId: string = ROOT, over: Record<string, unknown> = {}): Promise<string> {
    const n = ++made;
    const customer = kind === 'CUSTOMER' ? { email: `customer${n}-${FILE}@example.test` } : {};
    const input = {
      kind,
      parentId,
      name: `${kind.toLowerCase()} ${n}`,
      apiEnabled: true,
      ...customer,
      ...over,
    };
    const { createScope } = await this.ask<{ createScope: { id: string } }>(
      'mutation ($input: CreateScopeInput!) { createScope(input: $input) { id } }',
      { input },
    );
    return createScope.id;
  }

  /** Creates a customer with one organization that has one account. */
  async branch(): Promise<{ customer: string; organization: string; account: string }> {
    const customer = await this.scope('CUSTOMER');
    const organization = await this.scope('ORGANIZATION', customer);
    return { customer, organization, account: await this.scope('ACCOUNT', organization) };
  }

  /** The id of a role by its name. */
  async role(name: string): Promise<string> {
    this.roles ??= this.ask<{ roles: { id: string; name: string }[] }>('{ roles { id name } }').then(
      ({ roles }) => new Map(roles.map((role) => [role.name, role.id])),
    );
    const id = (await this.roles).get(name);
    if (!id) throw new Error(`There is no role ${name}.`);
    return id;
  }

  /** Invites a user, who sets a password and signs in. */
  async member(grants: readonly GrantInput[]): Promise<Member> {
    const email = `member${++made}-${FILE}@example.test`;
    const { inviteUser } = await this.ask<{ inviteUser: { id: string; passwordLink: { url: string } } }>(
      `mutation ($email: String!, $name: String!, $grants: [GrantInput!]!) {
         inviteUser(email: $email, name: $name, grants: $grants) { id passwordLink { url } } }`,
      { email, name: `Member ${made}`, grants },
    );
    const token = inviteUser.passwordLink.url.split('#token=')[1];
    const { choosePassword } = await this.ask<{ choosePassword: { session: { token: string } } }>(
      `mutation ($token: String!, $password: String!) {
         choosePassword(token: $token, password: $password) { session { token } } }`,
      { token, password: PASSWORD },
      {},
    );
    const credential = { bearer: choosePassword.session.token };
    return { id: inviteUser.id, email, password: PASSWORD, credential };
  }

  /** Creates a service account; returns its id. */
  async serviceAccount(scopeId: string, grants: readonly GrantInput[]): Promise<string> {
    const { createServiceAccount } = await this.ask<{ createServiceAccount: { id: string } }>(
      'mutation ($input: CreateServiceAccountInput!) { createServiceAccount(input: $input) { id } }',
      { input: { name: `Provider ${++made}`, scopeId, grants } },
    );
    return createServiceAccount.id;
  }

  /** Creates a key as the owner; without its own permissions if it has a service account. */
  key(over: Record<string, unknown>): Promise<CreatedKey> {
    const bare = 'serviceAccountId' in over || 'grants' in over ? { permissions: undefined } : {};
    return createKey(this.url, this.owner, { ...bare, ...over });
  }
}
