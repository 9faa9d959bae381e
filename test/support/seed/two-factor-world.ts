import { afterAll, afterEach, beforeAll } from 'vitest';
import type { Authenticator } from '../peers/authenticator.js';
import { signIn } from '../peers/client.js';
import { graphql, request, type GraphqlResponse } from '../peers/graphql.js';
import { People, type Person } from './people.js';
import { startKeywright, type Keywright } from '../servers/start-keywright.js';

/** A query allowed to every session. */
export const VIEWER =
  '{ viewer { user { id twoFactorEnabled } permissions recoveryCodesLeft twoFactorSetupRequired sessions { id } } }';

/** The signed-in user's own fields. */
interface Viewer {
  readonly user: { readonly id: string; readonly twoFactorEnabled: boolean };
  readonly permissions: string[];
  readonly recoveryCodesLeft: number | null;
  readonly twoFactorSetupRequired: boolean;
  readonly sessions: { readonly id: string }[];
}

/** A signed-in user with an active second factor. */
interface Enrolled extends Person {
  readonly bearer: string;
  readonly authenticator: Authenticator;
  readonly recoveryCodes: string[];
}

/** A separate server for a test file about second factors; failed attempts are cleared after each test. */
export class TwoFactorWorld {
  keywright!: Keywright;
  people!: People;

  /** Starts it before the tests of the file and stops it after them. */
  constructor() {
    beforeAll(async () => {
      this.keywright = await startKeywright();
      this.people = new People(this.keywright, { bearer: await signIn(this.keywright.url) });
    });
    afterEach(() => this.keywright.database.query('delete from attempt'));
    afterAll(() => this.keywright.stop());
  }

  ask = <Data = Record<string, unknown>>(
    query: string,
    variables: Record<string, unknown>,
    bearer: string,
  ): Promise<GraphqlResponse<Data>> => graphql<Data>(this.keywright.url, query, variables, { bearer });

  viewer = async (bearer: string): Promise<Viewer> =>
    (await request<{ viewer: Viewer }>(this.keywright.url, VIEWER, {}, { bearer })).viewer;

  /** All parts of a rejection that a caller can observe. */
  outcomeOf = ({ status, errors }: GraphqlResponse<unknown>): unknown => [
    status,
    errors.map(({ message, path, extensions: { code, fields } }) => ({ message, path, code, fields })),
  ];

  /** Audited actions on a user, oldest first. */
  actions = async (userId: string): Promise<string[]> => {
    const rows = await this.keywright.database.query<{ action: string }>(
      'select action from audit_event where target_id = $1 order by seq',
      [userId],
    );
    return rows.map(({ action }) => action);
  };

  enrolled = async (permissions: readonly string[] = []): Promise<Enrolled> => {
    const person = await this.people.add(permissions);
    const bearer = await this.people.signIn(person);
    return { ...person, bearer, ...(await this.people.enrol(bearer, person.password)) };
  };
}
