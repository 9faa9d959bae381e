import { randomBytes } from 'node:crypto';
import { Authenticator } from '../peers/authenticator.js';
import { graphql, request, type GraphqlResponse } from '../peers/graphql.js';
import type { Keywright } from '../servers/start-keywright.js';

/** A user who can sign in. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly password: string;
}

/** The result of a sign-in mutation. */
export interface SignInAnswer {
  readonly session: { readonly token: string } | null;
  readonly twoFactorRequired: boolean;
  readonly challenge: string | null;
}

const PAYLOAD = '{ session { token } twoFactorRequired challenge }';
const SIGN_IN = `mutation ($email: String!, $password: String!) { answer: signIn(email: $email, password: $password) ${PAYLOAD} }`;
const COMPLETE = `mutation ($challenge: String!, $code: String!) { answer: completeTwoFactor(challenge: $challenge, code: $code) ${PAYLOAD} }`;
const CHOOSE = `mutation ($token: String!, $password: String!, $name: String) { answer: choosePassword(token: $token, password: $password, name: $name) ${PAYLOAD} }`;

let added = 0;

/** Creates users of one installation, as its owner. */
export class People {
  constructor(
    private readonly keywright: Keywright,
    readonly owner: { readonly bearer: string },
  ) {}

  /** Adds an invited user who has not set a password. */
  async invite(
    permissions: readonly string[] = [],
    email = `person${++added}@example.test`,
  ): Promise<string> {
    const id = `usr_0${[...randomBytes(25)].map((byte) => 'abcdefghjkmnpqrs'[byte & 15]).join('')}`;
    await this.keywright.database.query(
      'insert into app_user (id, email, email_folded, name) values ($1, $2, $2, $3)',
      [id, email, `Person ${added}`],
    );
    await this.keywright.database.query(
      'insert into user_grant (user_id, position, scope_id, permissions) values ($1, 0, $2, $3)',
      [id, `scp_${'0'.repeat(26)}`, permissions],
    );
    return id;
  }

  /** The token of a new link created by the owner. */
  async link(userId: string): Promise<string> {
    const data = await request<{ issuePasswordLink: { passwordLink: { url: string } } }>(
      this.keywright.url,
      'mutation ($id: ID!) { issuePasswordLink(userId: $id) { passwordLink { url } } }',
      { id: userId },
      this.owner,
    );
    return data.issuePasswordLink.passwordLink.url.split('#token=')[1]!;
  }

  /** Adds a user with a password. */
  async add(permissions: readonly string[] = []): Promise<Person> {
    const id = await this.invite(permissions);
    const email = `person${added}@example.test`;
    const password = `password of ${email}`;
    await this.choose(await this.link(id), password);
    return { id, email, password };
  }

  choose(token: string, password: string, name?: string): Promise<GraphqlResponse<{ answer: SignInAnswer }>> {
    return graphql(this.keywright.url, CHOOSE, { token, password, name });
  }

  tryToSignIn(
    email: string,
    password: string,
    bearer?: string,
  ): Promise<GraphqlResponse<{ answer: SignInAnswer }>> {
    return graphql(this.keywright.url, SIGN_IN, { email, password }, { bearer });
  }

  complete(
    challenge: string,
    code: string,
    bearer?: string,
  ): Promise<GraphqlResponse<{ answer: SignInAnswer }>> {
    return graphql(this.keywright.url, COMPLETE, { challenge, code }, { bearer });
  }

  /** Signs in a user without a second factor. */
  async signIn({ email, password }: Person): Promise<string> {
    const { data, errors } = await this.tryToSignIn(email, password);
    if (!data?.answer.session) throw new Error(`No session: ${JSON.stringify({ data, errors })}`);
    return data.answer.session.token;
  }

  /** Starts the sign-in of a user with a second factor. */
  async challenge({ email, password }: Person): Promise<string> {
    const { data, errors } = await this.tryToSignIn(email, password);
    if (!data?.answer.challenge) throw new Error(`No challenge: ${JSON.stringify({ data, errors })}`);
    return data.answer.challenge;
  }

  /** Sets up a second factor for a user. */
  async enrol(
    bearer: string,
    password: string,
  ): Promise<{ authenticator: Authenticator; recoveryCodes: string[] }> {
    const begun = await request<{ beginTwoFactor: { secret: string } }>(
      this.keywright.url,
      'mutation ($password: String!) { beginTwoFactor(password: $password) { secret } }',
      { password },
      { bearer },
    );
    const authenticator = new Authenticator(begun.beginTwoFactor.secret);
    const confirmed = await request<{ confirmTwoFactor: string[] }>(
      this.keywright.url,
      'mutation ($code: String!) { confirmTwoFactor(code: $code) }',
      { code: await authenticator.fresh() },
      { bearer },
    );
    return { authenticator, recoveryCodes: confirmed.confirmTwoFactor };
  }
}
