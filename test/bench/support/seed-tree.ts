import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';

/** The seeded scope tree: customers, each with organizations, each with accounts. */
export interface TreeSize {
  readonly customers: number;
  readonly organizations: number;
  readonly accounts: number;
}

/** The number of scopes in such a tree, without the root. */
export const sizeOf = ({ customers, organizations, accounts }: TreeSize): number =>
  customers * (1 + organizations * (1 + accounts));

const ID = `'scp_01' || lpad(replace(replace(s.number::text, '.', ''), '-', ''), 24, '0')`;

/** The id of the customer with this number, from 1. */
export const customerId = (n: number): string => `scp_01${String(n).padStart(8, '0').padStart(24, '0')}`;

/** Adds a whole tree, with ids built from numbers. */
export async function seedTree(database: pg.Client, size: TreeSize): Promise<void> {
  const insert = (kind: string, parent: string, from: string, values: readonly number[]): Promise<unknown> =>
    database.query(
      `insert into scope (id, kind, name, name_folded, email, email_folded, joined_on, parent_id, api_enabled)
       select ${ID}, '${kind}', name, lower(name), ${kind === 'CUSTOMER' ? "name || '@example.test', lower(name) || '@example.test', current_date" : 'null, null, null'},
         ${parent}, true
       from (select number, parent, '${kind.toLowerCase()} ' || number as name from ${from}) s`,
      [...values],
    );
  const { customers, organizations, accounts } = size;
  await insert(
    'CUSTOMER',
    `'scp_00000000000000000000000000'`,
    `(select lpad(c::text, 8, '0') as number, '' as parent from generate_series(1, $1::int) c) n`,
    [customers],
  );
  await insert(
    'ORGANIZATION',
    `'scp_01' || lpad(s.parent, 24, '0')`,
    `(select lpad(o::text, 6, '0') || lpad(c::text, 8, '0') as number, lpad(c::text, 8, '0') as parent
      from generate_series(1, $1::int) c, generate_series(1, $2::int) o) n`,
    [customers, organizations],
  );
  await insert(
    'ACCOUNT',
    `'scp_01' || lpad(s.parent, 24, '0')`,
    `(select lpad(a::text, 6, '0') || lpad(o::text, 6, '0') || lpad(c::text, 8, '0') as number,
        lpad(o::text, 6, '0') || lpad(c::text, 8, '0') as parent
      from generate_series(1, $1::int) c, generate_series(1, $2::int) o, generate_series(1, $3::int) a) n`,
    [customers, organizations, accounts],
  );
  await database.query('vacuum analyze scope');
  // Let the server load the tree before measuring.
  await sleep(8000);
}
