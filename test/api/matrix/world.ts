import { signIn } from '../../support/client.js';
import type { Credential } from '../../support/graphql.js';
import { OWNER, startKeywright, type Keywright } from '../../support/start-keywright.js';
import { NOBODY, type Caller, type HeldGrant, type Place } from './caller.js';
import { offers } from './contract.js';
import { Maker, type PlacedGrant, type Scopes } from './maker.js';
import { makeScope } from './making.js';
import { invite } from './people.js';

const ROOT = 'scp_00000000000000000000000000';

/** A role as the server tells it. */
interface Role {
  readonly id: string;
  readonly name: string;
  readonly permissions: readonly string[];
  readonly builtIn: boolean;
}

/** The roles whose holders call at home and in a foreign part of the tree, beside those of every role at the root. */
const SCOPED_ROLES: readonly string[] = ['Admin', 'Operator', 'Viewer'];

/** A server with everyone who calls it, and what they call for. */
export class World extends Maker {
  /** People, from nobody to the owner. */
  readonly people: Caller[] = [NOBODY];
  private readonly keys = new Map<string, Promise<Caller>>();

  private constructor(
    private readonly keywright: Keywright,
    credential: Credential,
    scopes: Scopes,
  ) {
    super(keywright.url, credential, scopes);
  }

  /** Starts a server and makes who calls it. */
  static async start(): Promise<World> {
    const keywright = await startKeywright();
    const { url } = keywright;
    const credential = { bearer: await signIn(url) };
    const tree = offers('Mutation.createScope');
    const home = tree ? await makeScope(url, credential, 'Home', ROOT) : ROOT;
    const foreign = tree ? await makeScope(url, credential, 'Foreign', ROOT) : null;
    const world = new World(keywright, credential, { root: ROOT, home, foreign });
    await world.addPeople();
    return world;
  }

  stop(): Promise<void> {
    return this.keywright.stop();
  }

  /** The key that holds exactly this; made when first asked for. */
  key(name: string, grants: readonly HeldGrant[], environment = 'PRODUCTION'): Promise<Caller> {
    const id = JSON.stringify([grants, environment]);
    let key = this.keys.get(id);
    if (!key) this.keys.set(id, (key = this.makeKey(grants, environment)));
    return key.then((caller) => ({ ...caller, name }));
  }

  /** The grants with the ids of the scopes, as inputs have them. */
  private placed(grants: readonly HeldGrant[]): PlacedGrant[] {
    return grants
      .filter(({ permissions }) => permissions.length > 0)
      .map(({ at, permissions }) => ({ permissions, scopeId: this.scopes[at]! }));
  }

  private async makeKey(grants: readonly HeldGrant[], environment: string): Promise<Caller> {
    const input = { name: this.name('Caller'), environment, grants: this.placed(grants) };
    const { createApiKey } = await this.make<{ createApiKey: { secret: { secret: string } } }>(
      'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret { secret } } }',
      { input },
    );
    return { name: input.name, kind: 'keys', grants, credential: { apiKey: createApiKey.secret.secret } };
  }

  /** Without invitations the owner is the only user. */
  private async addPeople(): Promise<void> {
    const { roles } = await this.make<{ roles: Role[] }>('{ roles { id name permissions builtIn } }');
    const builtIn = roles.filter((role) => role.builtIn);
    if (!offers('Mutation.inviteUser')) {
      const { permissions } = builtIn.find(({ name }) => name === 'Owner')!;
      const credential = { bearer: await signIn(this.url) };
      const grants = [{ at: 'root', permissions }] as const;
      this.people.push({ name: 'Owner', kind: 'users', grants, credential, account: OWNER });
      return;
    }
    const scoped = this.scopes.foreign === null ? [] : SCOPED_ROLES;
    const places: [Place, Role[]][] = [
      ['root', builtIn],
      ['home', builtIn.filter(({ name }) => scoped.includes(name))],
      ['foreign', builtIn.filter(({ name }) => scoped.includes(name))],
    ];
    for (const [at, held] of places) {
      for (const { id, name, permissions } of held) {
        const grants = [{ roleId: id, scopeId: this.scopes[at]! }];
        const person = await invite(this, grants);
        const called = at === 'root' ? name : `${name} (${at})`;
        this.people.push({ ...person, name: called, kind: 'users', grants: [{ at, permissions }] });
      }
    }
  }
}
