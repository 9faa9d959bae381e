import { EVENT_TYPES } from '@keywright/schema/event-types';
import { beforeAll, describe, expect, test } from 'vitest';
import { createKey, signIn } from '../../support/peers/client.js';
import type { Credential, GraphqlResponse } from '../../support/peers/graphql.js';
import { subscribe, type Subscription } from '../../support/peers/subscribe.js';
import { ROOT, Tenancy, type Member } from '../../support/seed/tenancy.js';

interface Event {
  readonly id: string;
  readonly type: string;
  readonly environment: string | null;
  readonly subjectId: string;
  readonly subjectType: string;
  readonly cursor: string | null;
  readonly scope: { readonly id: string };
  readonly actor: { readonly name: string };
  readonly data: Readonly<Record<string, unknown>>;
}

const FIELDS = 'id type environment subjectId subjectType cursor scope { id } actor { name } data';
const LIST = `query ($filter: EventFilter, $first: Int, $after: String, $last: Int, $before: String) {
  events(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    nodes { ${FIELDS} } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
const FOLLOW = `subscription ($types: [String!], $after: String) { event(types: $types, after: $after) { ${FIELDS} } }`;
const RENAME = 'mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { id } } }';

interface Page {
  readonly events: {
    readonly nodes: readonly Event[];
    readonly pageInfo: {
      readonly hasNextPage: boolean;
      readonly startCursor: string;
      readonly endCursor: string;
    };
  };
}

let tenancy: Tenancy;
let customer: string;
let other: string;
/** Sees events and keys of one customer. */
let operator: Member;

beforeAll(async () => {
  tenancy = await Tenancy.shared();
  [customer, other] = [await tenancy.scope('CUSTOMER'), await tenancy.scope('CUSTOMER')];
  operator = await tenancy.member([
    {
      scopeId: customer,
      permissions: ['keywright.events.read', 'keywright.keys.read', 'keywright.keys.write'],
    },
  ]);
});

const list = async (
  filter: Record<string, unknown>,
  as?: Credential,
  page: Record<string, unknown> = {},
): Promise<Page['events']> => (await tenancy.ask<Page>(LIST, { filter, ...page }, as)).events;

const keyIn = (scopeId: string, over: Record<string, unknown> = {}) =>
  createKey(tenancy.url, tenancy.owner, { scopeId, ...over });

const rename = (id: string, name: string): Promise<unknown> => tenancy.ask(RENAME, { input: { id, name } });

const follow = (
  variables: Record<string, unknown>,
  as: Credential = operator.credential,
): Promise<Subscription<{ event: Event }>> => subscribe(tenancy.url, FOLLOW, variables, as);

const messages = ({ errors }: GraphqlResponse<unknown>): unknown => errors?.map(({ message }) => message);

describe('the list of events', () => {
  test('has what happened to a key, with the values before and after', async () => {
    const { id } = await keyIn(customer, { name: 'Billing', environment: 'STAGING' });
    await rename(id, 'Billing sync');
    const { nodes } = await list({ subjectId: id });
    expect(nodes.map(({ type }) => type)).toEqual(['api_key.updated', 'api_key.created']);
    const [updated] = nodes;
    expect(updated).toMatchObject({
      environment: 'STAGING',
      subjectType: 'ApiKey',
      cursor: null,
      scope: { id: customer },
      actor: { name: 'Owner' },
    });
    expect(updated!.data).toMatchObject({
      id,
      name: 'Billing sync',
      environment: 'STAGING',
      previousAttributes: { name: 'Billing' },
    });
    expect(updated!.data['changeToken']).toMatch(/^\d+-aud_[0-9a-z]{26}$/);
  });

  test('is filtered by type, environment, scope and time', async () => {
    const { id } = await keyIn(customer, { environment: 'DEVELOPMENT' });
    const scopeId = customer;
    const types = async (filter: Record<string, unknown>): Promise<string[]> =>
      (await list({ scopeId, ...filter })).nodes.map(({ type }) => type);
    expect(new Set(await types({ types: ['api_key.*'] }))).toEqual(
      new Set(['api_key.created', 'api_key.updated']),
    );
    expect(new Set(await types({ types: ['scope.created', 'api_key.revoked'] }))).toEqual(
      new Set(['scope.created']),
    );
    expect(await types({ environment: 'DEVELOPMENT', subjectId: id })).toEqual(['api_key.created']);
    expect(await types({ environment: 'PRODUCTION', subjectId: id })).toEqual([]);
    expect(await types({ at: { to: '2020-01-01T00:00:00Z' } })).toEqual([]);
    expect((await list({ scopeId: other, types: ['api_key.*'] })).nodes).toEqual([]);
  });

  test('is paged in both directions', async () => {
    const { id } = await keyIn(customer);
    for (const name of ['a', 'b', 'c']) await rename(id, name);
    const filter = { subjectId: id };
    const first = await list(filter, undefined, { first: 3 });
    const rest = await list(filter, undefined, { first: 3, after: first.pageInfo.endCursor });
    const all = [...first.nodes, ...rest.nodes].map((event) => event.id);
    expect(all).toHaveLength(4);
    expect(rest.pageInfo.hasNextPage).toBe(false);
    const back = await list(filter, undefined, { last: 3, before: rest.pageInfo.startCursor });
    expect(back.nodes.map((event) => event.id)).toEqual(all.slice(0, 3));
  });

  test('shows a caller only what lies in their reach, and needs the permission of the object too', async () => {
    const [mine, theirs] = [await keyIn(customer), await keyIn(other)];
    const seen = async (as: Credential): Promise<Set<string>> =>
      new Set((await list({}, as, { first: 100 })).nodes.map(({ subjectId }) => subjectId));
    const ofOperator = await seen(operator.credential);
    expect(ofOperator.has(mine.id)).toBe(true);
    expect(ofOperator.has(theirs.id)).toBe(false);
    expect(ofOperator.has(customer)).toBe(true);
    expect(ofOperator.has(other)).toBe(false);
    const withoutKeys = await tenancy.member([{ scopeId: customer, permissions: ['keywright.events.read'] }]);
    const ofOther = await seen(withoutKeys.credential);
    expect(ofOther.has(customer)).toBe(true);
    expect(ofOther.has(mine.id)).toBe(false);
    // By id too.
    const { nodes } = await list({ subjectId: mine.id });
    const node = 'query ($id: ID!) { node(id: $id) { id ... on Event { type } } }';
    const byId = { id: nodes[0]!.id };
    expect(await tenancy.ask(node, byId, operator.credential)).toEqual({
      node: { ...byId, type: 'api_key.created' },
    });
    expect(await tenancy.ask(node, byId, withoutKeys.credential)).toEqual({ node: null });
  });

  test('has nothing of a change that was rolled back', async () => {
    const { id } = await keyIn(customer, { locked: true });
    const refused = await tenancy.try('mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { id } } }', {
      id,
    });
    expect(refused.errors).toBeDefined();
    expect((await list({ subjectId: id })).nodes.map(({ type }) => type)).toEqual(['api_key.created']);
  });

  test.each([
    [
      'an unknown type',
      { filter: { types: ['api_key.made'] } },
      /no type of event "api_key.made".*eventTypes/s,
    ],
    ['a wildcard of everything', { filter: { types: ['*'] } }, /no type of event "\*"/],
    [
      '300 types',
      { filter: { types: Array.from({ length: 300 }, () => 'api_key.created') } },
      /at most 100 types/,
    ],
    ['an empty page', { first: 0 }, /1 to 100 rows/],
    ['a foreign cursor', { after: 'bm8' }, /does not belong to this list/],
    ['both directions', { first: 1, last: 1 }, /not both/],
  ])('rejects %s', async (_name, variables, message) => {
    const { errors } = await tenancy.try(LIST, variables);
    expect(errors?.[0]).toMatchObject({ message: expect.stringMatching(message) as string });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});

test('every type of event is described, with an example', async () => {
  const { eventTypes } = await tenancy.ask<{
    eventTypes: {
      name: string;
      description: string;
      example: Record<string, unknown>;
      version: number;
      permission: string;
    }[];
  }>('{ eventTypes { name description example version permission } }');
  expect(eventTypes.map(({ name }) => name)).toEqual(EVENT_TYPES);
  for (const { description, example, version, permission } of eventTypes) {
    expect(description).toMatch(/\.$/);
    expect(example).toMatchObject({ actor: { kind: 'USER' } });
    expect(version).toBe(1);
    expect(permission).toMatch(/^keywright\./);
  }
});

test('the built-in roles that read the audit log read events, and no others', async () => {
  const { roles } = await tenancy.ask<{ roles: { name: string; builtIn: boolean; permissions: string[] }[] }>(
    '{ roles { name builtIn permissions } }',
  );
  for (const { name, permissions } of roles.filter(({ builtIn }) => builtIn)) {
    const holds = (permission: string): boolean => permissions.includes(permission);
    expect([name, holds('keywright.events.read')]).toEqual([name, holds('keywright.audit.read')]);
  }
});

describe('a subscription to events', () => {
  test('gets events of its types as they are committed', async () => {
    const live = await follow({ types: ['api_key.updated'] });
    const [mine, theirs] = [await keyIn(customer), await keyIn(other)];
    await rename(theirs.id, 'Not theirs to see');
    await rename(mine.id, 'Seen');
    const { event } = await live.next();
    expect(event).toMatchObject({ type: 'api_key.updated', subjectId: mine.id, data: { name: 'Seen' } });
    await live.close();
  });

  test('continues after a cursor without gap or double', async () => {
    const { id } = await keyIn(customer);
    const names = async (
      live: Subscription<{ event: Event }>,
      count: number,
    ): Promise<[string[], string]> => {
      const read: string[] = [];
      let cursor = '';
      while (read.length < count) {
        const { event } = await live.next();
        if (event.subjectId !== id) continue;
        read.push(event.data['name'] as string);
        cursor = event.cursor!;
      }
      return [read, cursor];
    };
    const types = ['api_key.updated'];
    let live = await follow({ types });
    await rename(id, 'one');
    await rename(id, 'two');
    const [first] = await names(live, 1);
    const [second, after] = await names(live, 1);
    await live.close();
    expect([...first, ...second]).toEqual(['one', 'two']);
    await rename(id, 'three');
    await rename(id, 'four');
    live = await follow({ types, after });
    const [missed, afterMissed] = await names(live, 2);
    await rename(id, 'five');
    const [later] = await names(live, 1);
    await live.close();
    expect([...missed, ...later]).toEqual(['three', 'four', 'five']);
    live = await follow({ types, after: afterMissed });
    expect((await names(live, 1))[0]).toEqual(['five']);
    await live.close();
  });

  test('hears of what changes no key, such as sign-ins', async () => {
    const live = await follow({ types: ['user.signed_in'] }, tenancy.owner);
    await signIn(tenancy.url, operator);
    expect((await live.next()).event).toMatchObject({ type: 'user.signed_in', scope: { id: ROOT } });
    await live.close();
  });

  const cursor = (...values: unknown[]): string => Buffer.from(JSON.stringify(values)).toString('base64url');
  test.each([
    ['an unknown type', { types: ['key.created'] }, /no type of event/],
    ['what is no cursor', { after: 'x' }, /no cursor of an event/],
    ['an impossible cursor', { after: cursor(1, 1, '5:4:') }, /no cursor of an event/],
    ['an old cursor', { after: cursor(1, Date.UTC(2020, 1), '5:5:') }, /kept for 30 days/],
    [
      'a cursor from before a restore',
      { after: cursor(1, Date.now(), '5:9000000000:') },
      /later than the database/,
    ],
  ])('rejects %s', async (_name, variables, message) => {
    const live = await follow(variables);
    await expect(live.next()).rejects.toThrow(message);
    await live.close();
  });
});

test('a subscription without the permission is rejected at once', async () => {
  const nobody = await tenancy.member([{ scopeId: customer, permissions: ['keywright.keys.read'] }]);
  const live = await follow({}, nobody.credential);
  await expect(live.next()).rejects.toThrow(/keywright\.events\.read/);
  await live.close();
  expect(messages(await tenancy.try(LIST, {}, nobody.credential))).toEqual([
    'This requires the permission keywright.events.read.',
  ]);
});
