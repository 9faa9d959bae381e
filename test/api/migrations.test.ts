import { createDataSource } from '@keywright/server/data-source';
import { ENTITIES } from '@keywright/server/entities';
import pgConnectionString from 'pg-connection-string';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type FreshDatabase } from '../support/fresh-database.js';

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
