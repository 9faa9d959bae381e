import { signIn } from '../../support/peers/client.js';
import { startKeywright } from '../../support/servers/start-keywright.js';
import { NOBODY, type Caller, type HeldGrant, type Place } from './caller.js';
import { Maker, type PlacedGrant } from './maker.js';
import { makeScope } from './making.js';
import { invite } from './people.js';

const ROOT = 'scp_00000000000000000000000000';

/** An unreachable identity provider, so that the routes of single sign-on exist. */
const PROVIDER = {
  OIDC_ISSUER: 'http://127.0.0.1:1',
  OIDC_CLIENT_ID: 'keywright',
  OIDC_CLIENT_SECRET: 'secret of the client',
};

/** A role as returned by the server. */
interface Role {
  readonly id: string;
  readonly name: string;
  readonly permissions: readonly string[];
  readonly builtIn: boolean;
}

/** Roles with holders at home and in an unrelated part of the tree; every role also has a holder at the root. */
const SCOPED_ROLES: readonly string[] = ['Admin', 'Operator', 'Viewer'];

/** A server with all callers and the objects they act on. */
export class World extends Maker {
  /** Users, from unauthenticated to the owner. */
  readonly people: Caller[] = [NOBODY];
  private readonly keys = new Map<string, Promise<Caller>>();

  /** Starts a server and creates its callers. */
  static async start(): Promise<World> {
    const keywright = await startKeywright({ env: PROVIDER });
    const { url } = keywright;
    const credential = { bearer: await signIn(url) };
    const home = await makeScope(url, credential, 'Home', ROOT);
    const foreign = await makeScope(url, credential, 'Foreign', ROOT);
    const world = new World(keywright, credential, { root: ROOT, home, foreign });
    await world.addPeople();
    return world;
  }

  stop(): Promise<void> {
    return this.keywright.stop();
  }

  /** Clears failed attempts, so that those of one operation do not block callers from the next. */
  async forgive(): Promise<void> {
    await this.keywright.database.query('delete from attempt');
  }

  /** The key with exactly these permissions; created on first use. */
  key(name: string, grants: readonly HeldGrant[], environment = 'PRODUCTION'): Promise<Caller> {
    const id = JSON.stringify([grants, environment]);
    let key = this.keys.get(id);
    if (!key) this.keys.set(id, (key = this.makeKey(grants, environment)));
    return key.then((caller) => ({ ...caller, name }));
  }

  /** The grants as inputs, with scope ids. */
  private placed(grants: readonly HeldGrant[]): PlacedGrant[] {
    return grants
      .filter(({ permissions }) => permissions.length > 0)
      .map(({ at, permissions }) => ({ permissions, scopeId: this.scopes[at] }));
  }

  private async makeKey(grants: readonly HeldGrant[], environment: string): Promise<Caller> {
    const input = { name: this.name('Caller'), environment, grants: this.placed(grants) };
    const { createApiKey } = await this.make<{ createApiKey: { secret: { secret: string } } }>(
      'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret { secret } } }',
      { input },
    );
    return { name: input.name, kind: 'keys', grants, credential: { apiKey: createApiKey.secret.secret } };
  }

  /** A user for each built-in role at the root, and for some roles at home and elsewhere. */
  private async addPeople(): Promise<void> {
    const { roles } = await this.make<{ roles: Role[] }>('{ roles { id name permissions builtIn } }');
    const builtIn = roles.filter((role) => role.builtIn);
    const scoped = builtIn.filter(({ name }) => SCOPED_ROLES.includes(name));
    const places: [Place, Role[]][] = [
      ['root', builtIn],
      ['home', scoped],
      ['foreign', scoped],
    ];
    for (const [at, held] of places) {
      for (const { id, name, permissions } of held) {
        const grants = [{ roleId: id, scopeId: this.scopes[at] }];
        const person = await invite(this, grants);
        const called = at === 'root' ? name : `${name} (${at})`;
        this.people.push({ ...person, name: called, kind: 'users', grants: [{ at, permissions }] });
      }
    }
  }
}
