import { createDataSource } from '@keywright/server/data-source';
import { ENTITIES } from '@keywright/server/entities';
import pgConnectionString from 'pg-connection-string';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type FreshDatabase } from '../support/servers/fresh-database.js';

let database: FreshDatabase;
let dataSource: ReturnType<typeof createDataSource>;

beforeAll(async () => {
  database = await freshDatabase();
  const { host, port, user, password, database: name } = pgConnectionString.parse(database.url);
  const connection = {
    host: host!,
    port: Number(port),
    user: user!,
    password,
    database: name!,
    ssl: undefined,
  };
  dataSource = createDataSource(connection, ENTITIES, () => undefined);
  await dataSource.initialize();
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const relations = (): Promise<{ name: string }[]> =>
  database.query(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relkind in ('r', 'p', 'S') and c.relname not like 'migrations%'`,
  );

test('the migrations go up, down without a trace, and up again', async () => {
  const ran = await dataSource.runMigrations();
  expect(ran.length).toBeGreaterThan(0);
  expect(await relations()).not.toEqual([]);
  for (const _ of ran) await dataSource.undoLastMigration();
  expect(await relations()).toEqual([]);
  const functions = await database.query(
    `select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     left join pg_depend d on d.objid = p.oid and d.deptype = 'e' where n.nspname = 'public' and d.objid is null`,
  );
  expect(functions).toEqual([]);
  await dataSource.runMigrations();
});

test('every mapped column exists with the type and nullability that the code declares', async () => {
  await dataSource.runMigrations();
  const columns = await database.query<{ table: string; column: string; type: string; nullable: boolean }>(
    `select table_name as table, column_name as column, is_nullable = 'YES' as nullable,
       case when data_type = 'ARRAY' then ltrim(udt_name, '_') || '[]'
            when data_type = 'timestamp with time zone' then 'timestamptz' else data_type end as type
     from information_schema.columns where table_schema = 'public'`,
  );
  const actual = new Map(columns.map((c) => [`${c.table}.${c.column}`, `${c.type}${c.nullable ? '?' : ''}`]));
  for (const entity of dataSource.entityMetadatas) {
    for (const column of entity.columns) {
      const name = `${entity.tableName}.${column.databaseName}`;
      const declared = `${String(column.type)}${column.isArray ? '[]' : ''}${column.isNullable ? '?' : ''}`;
      expect(actual.get(name), name).toBe(declared);
    }
  }
  expect(dataSource.entityMetadatas.length).toBeGreaterThan(4);
});

test('roles whose names collide once folded do not stop the migration, and no new ones can be added', async () => {
  await dataSource.runMigrations();
  const hasFolded = (): Promise<unknown[]> =>
    database.query(
      `select from information_schema.columns where table_name = 'role' and column_name = 'name_folded'`,
    );
  while ((await hasFolded()).length > 0) await dataSource.undoLastMigration();
  const add = (id: string, name: string): Promise<unknown> =>
    database.query(`insert into role (id, name, description, permissions) values ($1, $2, '', '{}')`, [
      id,
      name,
    ]);
  const foldedNames = async (): Promise<Record<string, string | null>> => {
    const rows = await database.query<{ id: string; folded: string | null }>(
      `select id, name_folded as folded from role where id like 'rol_test%' or name = 'Operator' order by id`,
    );
    return Object.fromEntries(rows.map(({ id, folded }) => [id.startsWith('rol_test') ? id : 'OWN', folded]));
  };
  await add('rol_test1', 'Zürich'.normalize('NFC'));
  await add('rol_test2', 'Zürich'.normalize('NFD'));
  await add('rol_test3', 'Ｏｐｅｒａｔｏｒ');
  await database.query(
    `insert into scope (id, kind, name, name_folded, email, email_folded, joined_on, parent_id, path, created_at)
     select 'scp_test', 'CUSTOMER', 'Ａｃｍｅ', lower('Ａｃｍｅ'), 'a@acme.test', 'a@acme.test', '2026-01-01', id, array[id, 'scp_test'], now()
     from scope where kind = 'ROOT'`,
  );

  await dataSource.runMigrations();
  expect(await foldedNames()).toEqual({
    OWN: 'operator',
    rol_test1: 'zürich',
    rol_test2: null,
    rol_test3: null,
  });
  await expect(add('rol_test4', 'ＺÜRICH')).rejects.toThrow('role_folded_name_unique');
  // As a form does that changes something else.
  await database.query(`update role set name = name, description = 'Own' where id = 'rol_test2'`);
  await database.query(`update role set name = 'Ｂｅｒｎ' where id = 'rol_test3'`);
  expect(await foldedNames()).toEqual({
    OWN: 'operator',
    rol_test1: 'zürich',
    rol_test2: null,
    rol_test3: 'bern',
  });
  expect(await database.query(`select name_folded as name from scope where id = 'scp_test'`)).toEqual([
    { name: 'acme' },
  ]);
});
