import { createKey, signIn, type CreatedKey } from '../peers/client.js';
import { graphql, request, type Credential, type GraphqlResponse } from '../peers/graphql.js';
import { startKeywright, type Keywright } from '../servers/start-keywright.js';

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

let made = 0;
const PASSWORD = 'a password for all members';

/** One installation with several users and customers, all created by the owner. */
export class Tenancy {
  private roles: Promise<ReadonlyMap<string, string>> | undefined;

  private constructor(
    readonly keywright: Keywright,
    readonly owner: Credential,
  ) {}

  static async start(env: Record<string, string> = {}): Promise<Tenancy> {
    const keywright = await startKeywright({ env });
    return new Tenancy(keywright, { bearer: await signIn(keywright.url) });
  }

  get url(): string {
    return this.keywright.url;
  }

  stop(): Promise<void> {
    return this.keywright.stop();
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
    const customer = kind === 'CUSTOMER' ? { email: `customer${n}@example.test` } : {};
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
    const email = `member${++made}@example.test`;
    const { inviteUser } = await this.ask<{ inviteUser: { id: string; passwordLink: { url: string } } }>(
      `mutation ($email: String!, $name: String!, $grants: [GrantInput!]!) {
         inviteUser(email: $email, name: $name, grants: $grants) { id passwordLink { url } } }`,
      { email, name: `Member ${made}`, grants },
    );
    const token = inviteUser.passwordLink.url.split('#token=')[1];
    await this.ask(
      `mutation ($token: String!, $password: String!) {
         choosePassword(token: $token, password: $password) { session { expiresAt } } }`,
      { token, password: PASSWORD },
      {},
    );
    const account = { email, password: PASSWORD };
    return { id: inviteUser.id, ...account, credential: { bearer: await signIn(this.url, account) } };
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
