import { createKey, verify } from '../support/peers/client.js';
import { eventually } from '../support/eventually.js';
import { request, type Credential } from '../support/peers/graphql.js';
import { signIn } from '../support/peers/client.js';
import { withServer, type BenchServer } from './support/bench-server.js';
import { KEYS_QUERY } from './support/keys-query.js';
import { seedKeys } from './support/seed-keys.js';
import { customerId, seedTree, sizeOf, type TreeSize } from './support/seed-tree.js';

// The cost of the access model: statements per page of keys, a page and a verification in a tree of 100,000 scopes against
// a small one, and how soon a change of a role with 10,000 keys takes effect.

const FEW: TreeSize = { customers: 4, organizations: 1, accounts: 1 };
const MANY: TreeSize = { customers: 1000, organizations: 9, accounts: 10 };
const KEYS = 10_000;
const REAL_KEYS = 20;
const ROUNDS = 40;
const ROLE_CHANGES = 15;
const SECONDS_BOUND = 2;
const PASSWORD = 'a password for the bench';

const median = (times: number[]): number => times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!;

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** A server with a tree, whose first customer has 1,000 keys and an administrator. */
interface Seeded {
  readonly server: BenchServer;
  readonly admin: Credential;
  readonly gateway: string;
  readonly key: string;
}

async function seed(server: BenchServer, size: TreeSize): Promise<Seeded> {
  const { url, bearer, database } = server;
  const owner = { bearer };
  const customer = customerId(1);
  await seedKeys(database, 1, 1001);
  await seedTree(database, size);
  await database.query(
    `update api_key set scope_id = s.id from (select id, row_number() over (order by id) as n from scope
       where path @> array[$1]) s where s.n = 1 + right(api_key.id, 4)::int % (select count(*) from scope where path @> array[$1])`,
    [customer],
  );
  await database.query('vacuum analyze api_key');
  const { roles } = await request<{ roles: { id: string; name: string }[] }>(
    url,
    '{ roles { id name } }',
    {},
    owner,
  );
  const roleId = roles.find(({ name }) => name === 'Customer Administrator')!.id;
  const email = 'admin@example.test';
  const { inviteUser } = await request<{ inviteUser: { passwordLink: { url: string } } }>(
    url,
    `mutation ($email: String!, $grants: [GrantInput!]!) {
       inviteUser(email: $email, grants: $grants) { passwordLink { url } } }`,
    { email, grants: [{ scopeId: customer, roleId }] },
    owner,
  );
  await request(
    url,
    'mutation ($token: String!, $password: String!) { choosePassword(token: $token, password: $password) { twoFactorRequired } }',
    { token: inviteUser.passwordLink.url.split('#token=')[1], password: PASSWORD },
  );
  const gateway = (await createKey(url, owner, { permissions: ['keywright.verify'] })).secret;
  const grants = [{ scopeId: customer, permissions: ['view_customer'] }];
  const key = (await createKey(url, owner, { permissions: undefined, grants })).secret;
  return { server, admin: { bearer: await signIn(url, { email, password: PASSWORD }) }, gateway, key };
}

/** Statements for a page of the given number of keys, as the administrator of a customer. */
async function statementsOf({ server, admin }: Seeded, first: number): Promise<number> {
  const commits = async (): Promise<number> => {
    const { rows } = await server.database.query<{ n: string }>(
      `select sum(calls)::text as n from (select xact_commit as calls from pg_stat_database where datname = current_database()) s`,
    );
    return Number(rows[0]!.n);
  };
  const settle = async (): Promise<number> => {
    // Counters of other connections arrive with a delay.
    await new Promise((resolve) => setTimeout(resolve, 12_000));
    return commits();
  };
  const idleFrom = await settle();
  const idle = (await settle()) - idleFrom;
  const before = await commits();
  for (let i = 0; i < 400; i++) await request(server.url, KEYS_QUERY, { first }, admin);
  return ((await settle()) - before - idle) / 400;
}

async function compareTrees(few: Seeded, many: Seeded): Promise<void> {
  const times = { page: [[], []] as [number[], number[]], verification: [[], []] as [number[], number[]] };
  const page = ({ server, admin }: Seeded): Promise<unknown> =>
    request(server.url, KEYS_QUERY, { first: 50 }, admin);
  const ask = ({ server, gateway, key }: Seeded): Promise<unknown> =>
    verify(server.url, gateway, { key, permission: 'view_customer', scope: customerId(1) });
  for (let round = -5; round < ROUNDS; round++) {
    for (const [i, seeded] of [few, many].entries()) {
      const took = [await timeOf(() => page(seeded)), await timeOf(() => ask(seeded))] as const;
      if (round < 0) continue;
      times.page[i]!.push(took[0]);
      times.verification[i]!.push(took[1]);
    }
  }
  for (const [name, [small, large]] of Object.entries(times)) {
    const [a, b] = [median(small), median(large)];
    console.log(
      `${name} in a tree of ${sizeOf(MANY)} scopes to one of ${sizeOf(FEW)}: ${b.toFixed(1)} ms to ${a.toFixed(1)} ms, ratio ${(b / a).toFixed(2)}`,
    );
  }
}

/** Time from sending a role change until verification applies it, with the given number of affected keys. */
async function roleChanges({ url, bearer, database }: BenchServer, keys: number): Promise<number> {
  const owner = { bearer };
  const ask = <Data>(query: string, variables: object): Promise<Data> =>
    request<Data>(url, query, variables as Record<string, unknown>, owner);
  const { createRole } = await ask<{ createRole: { id: string } }>(
    'mutation ($input: CreateRoleInput!) { createRole(input: $input) { id } }',
    { input: { name: `Role of ${keys}`, permissions: ['view_customer'] } },
  );
  const { createServiceAccount } = await ask<{ createServiceAccount: { id: string } }>(
    'mutation ($input: CreateServiceAccountInput!) { createServiceAccount(input: $input) { id } }',
    { input: { name: `Holder of ${keys}`, grants: [{ roleId: createRole.id }] } },
  );
  const gateway = (await createKey(url, owner, { permissions: ['keywright.verify'] })).secret;
  const real: string[] = [];
  for (let i = 0; i < REAL_KEYS; i++) {
    const over =
      i % 2 ? { serviceAccountId: createServiceAccount.id } : { grants: [{ roleId: createRole.id }] };
    real.push((await createKey(url, owner, { permissions: undefined, ...over })).secret);
  }
  if (keys > REAL_KEYS) {
    await seedKeys(database, 1, keys - REAL_KEYS + 1);
    await database.query(
      `update api_key set service_account_id = $1 where description like 'Seeded%' and right(id, 1) in ('0', '2', '4', '6', '8')`,
      [createServiceAccount.id],
    );
    await database.query(
      `delete from api_key_grant where api_key_id in (select id from api_key where service_account_id = $1)`,
      [createServiceAccount.id],
    );
    await database.query(
      `update api_key_grant set role_id = $1, permissions = '{}' where api_key_id in (select id from api_key where description like 'Seeded%')`,
      [createRole.id],
    );
    await new Promise((resolve) => setTimeout(resolve, 8000));
  }
  const answers = async (permission: string): Promise<string[]> =>
    (
      (await (
        await fetch(`${url}/v1/verify/batch`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-api-key': gateway },
          body: JSON.stringify({ requests: real.map((key) => ({ key, permission })) }),
        })
      ).json()) as { results: { code: string }[] }
    ).results.map(({ code }) => code);
  const times: number[] = [];
  for (let i = 0; i < ROLE_CHANGES; i++) {
    const [on, off] = i % 2 ? ['view_customer', 'view_invoice'] : ['view_invoice', 'view_customer'];
    times.push(
      await timeOf(async () => {
        await ask('mutation ($input: UpdateRoleInput!) { updateRole(input: $input) { id } }', {
          input: { id: createRole.id, permissions: [on] },
        });
        await eventually(async () => {
          const wrong = [
            ...(await answers(on!)).filter((code) => code !== 'VALID'),
            ...(await answers(off!)).filter((code) => code === 'VALID'),
          ];
          if (wrong.length > 0) throw new Error(`${wrong.length} answers are still the old ones.`);
        });
      }),
    );
  }
  console.log(
    `a role behind ${keys} keys, from the request to the last verification: median ${median(times).toFixed(0)} ms, longest ${Math.max(...times).toFixed(0)} ms`,
  );
  return Math.max(...times);
}

await withServer(async (fewServer) => {
  const few = await seed(fewServer, FEW);
  await withServer(async (manyServer) => {
    const many = await seed(manyServer, MANY);
    await compareTrees(few, many);
    const [ten, fifty] = [await statementsOf(many, 10), await statementsOf(many, 50)];
    console.log(
      `statements for a page of 50 keys to one of 10: ${fifty.toFixed(2)} to ${ten.toFixed(2)}, ${((fifty - ten) / 40).toFixed(3)} a row (0 wanted)`,
    );
  });
});
await withServer(async (server) => {
  const few = await roleChanges(server, REAL_KEYS);
  const many = await roleChanges(server, KEYS);
  console.log(
    `longest with ${KEYS} keys to longest with ${REAL_KEYS}: ratio ${(many / few).toFixed(2)}; ${(many / 1000).toFixed(2)} s (at most ${SECONDS_BOUND} s wanted)`,
  );
});
