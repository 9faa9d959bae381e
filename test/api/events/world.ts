import { readFileSync } from 'node:fs';
import type pg from 'pg';
import type { EventType } from '@keywright/schema/event-types';
import type { EventPayloads } from '../../../server/src/modules/events/event-payloads.js';
import { request, type Credential } from '../../support/peers/graphql.js';
import { signIn } from '../../support/peers/client.js';
import { People } from '../../support/seed/people.js';
import { startSingleSignOn, type SingleSignOn } from '../../support/servers/single-sign-on.js';

/** The root of the scope tree. */
export const ROOT = 'scp_00000000000000000000000000';

/** How one mutation, sign-in or command causes an event, and what the event reports. */
export interface Case<T extends EventType> {
  /** Causes the event; returns the id of its subject. */
  readonly cause: (world: World) => Promise<string | null>;
  readonly payload: EventPayloads[T];
}

/** At least one case of every type: an event without a test does not compile. */
export type Cases<T extends EventType = EventType> = {
  readonly [K in T]: readonly [Case<K>, ...Case<K>[]];
};

/** A recorded event. */
export interface StoredEvent {
  readonly seq: number;
  readonly action: string;
  readonly target_type: string;
  readonly target_id: string | null;
  readonly changes: unknown;
}

/** Names of the mutations in the contract. */
export function mutationsOfContract(): string[] {
  const contract = readFileSync(new URL('../../../schema/schema.graphql', import.meta.url), 'utf8');
  const [, fields = ''] = /^type Mutation \{\n(.*?)^\}/ms.exec(contract) ?? [];
  const plain = fields.replaceAll(/"""[^]*?"""/g, '').replaceAll(/\([^)]*\)/g, '');
  return [...plain.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name!);
}

/** An installation with an identity provider, and everything that the cases need in it. */
export class World {
  /** Mutations that were sent. */
  readonly sent = new Set<string>();
  private made = 0;

  private constructor(
    readonly sso: SingleSignOn,
    readonly owner: Credential & { readonly bearer: string },
    readonly people: People,
  ) {}

  static async start(): Promise<World> {
    const sso = await startSingleSignOn();
    const owner = { bearer: await signIn(sso.url) };
    return new World(sso, owner, new People(sso.keywright, owner));
  }

  stop = (): Promise<void> => this.sso.stop();

  /** A number that no other object has. */
  next = (): number => ++this.made;

  query = <Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<Row[]> =>
    this.sso.keywright.database.query<Row>(sql, [...values]);

  /** Sends a mutation with these arguments that must succeed; returns what it selects. */
  async mutate<T = { id: string }>(
    name: string,
    args: string,
    selection = '{ id }',
    as: Credential = this.owner,
  ): Promise<T> {
    this.sent.add(name);
    const document = `mutation { answer: ${name}${args === '' ? '' : `(${args})`} ${selection} }`;
    return (await request<{ answer: T }>(this.sso.url, document, {}, as)).answer;
  }

  /** The events recorded after a position, oldest first. */
  eventsAfter = (seq: number): Promise<StoredEvent[]> =>
    this.query(
      'select seq, action, target_type, target_id, changes from audit_event where seq > $1 order by seq',
      [seq],
    );

  async lastSeq(): Promise<number> {
    return (await this.query<{ seq: number }>('select seq::int from audit_head'))[0]!.seq;
  }

  /** Creates a key; `fields` are those of its input besides the name. */
  async key(fields = 'permissions: ["view_customer"]'): Promise<string> {
    const input = `input: { name: "Key ${this.next()}", ${fields} }`;
    return (await this.mutate<{ apiKey: { id: string } }>('createApiKey', input, '{ apiKey { id } }')).apiKey
      .id;
  }

  /** Runs a mutation of one key. */
  async ofKey(name: string, id: string, args = ''): Promise<string> {
    await this.mutate(name, `id: "${id}"${args}`, '{ apiKey { id } }');
    return id;
  }

  async customer(fields = ''): Promise<string> {
    const n = this.next();
    const input = `kind: CUSTOMER, name: "Customer ${n}", email: "customer${n}@example.test", joinedOn: "2026-01-02"`;
    return (await this.mutate('createScope', `input: { ${input}, ${fields} }`)).id;
  }

  async serviceAccount(): Promise<string> {
    const grants = 'grants: [{ permissions: ["view_customer"] }]';
    return (await this.mutate('createServiceAccount', `input: { name: "Account ${this.next()}", ${grants} }`))
      .id;
  }

  async role(): Promise<string> {
    const input = `name: "Role ${this.next()}", permissions: ["view_customer"]`;
    return (await this.mutate('createRole', `input: { ${input} }`)).id;
  }

  async rule(): Promise<string> {
    const input = `environments: [PRODUCTION], method: GET, pathPattern: "/${this.next()}", access: ANY_KEY`;
    return (await this.mutate('createRouteRule', `input: { ${input} }`)).id;
  }

  /** Raises a hold as after a restore; returns its id. */
  async hold(
    entity: 'api_key' | 'service_account' | 'role' | 'scope' | 'route_rules',
    target: string,
    to: unknown,
  ) {
    const prefix = entity === 'api_key' ? 'hld' : 'ahd';
    const id = `${prefix}_01h455vb4pex5vsknk08${String(100_000 + this.next())}`;
    const [table, columns] =
      entity === 'api_key' ? ['key_hold', 'api_key_id'] : ['access_hold', 'target_id, entity'];
    const values = entity === 'api_key' ? [] : [entity];
    await this.query(
      `insert into ${table} (id, restriction, excess, host, ${columns})
       values ($1, $2, '{${entity === 'route_rules' ? 'CHANGED' : 'ACCESS'}}', 'test', $3${values.length ? ', $4' : ''})`,
      [id, JSON.stringify(to), target, ...values],
    );
    return id;
  }
}
