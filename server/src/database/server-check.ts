import type { Queries } from '../core/queries.js';
import { NAME_COLLATION } from '../core/text.js';

const MIN_MAJOR_VERSION = 15;
const UNQUOTED_COLLATION = NAME_COLLATION.replaceAll('"', '');

/** Facts that decide whether Keywright can use a database. */
export interface ServerFacts {
  readonly versionNumber: number;
  readonly version: string;
  readonly encoding: string;
  /** Whether the server was built with ICU, which sorts names. */
  readonly hasIcu: boolean;
  /** Whether the server is in recovery, such as a standby. */
  readonly isReplica: boolean;
  readonly isReadOnly: boolean;
  readonly role: string;
  readonly database: string;
  /** The schema where tables are created; null if no schema of the search path exists. */
  readonly schema: string | null;
  readonly mayCreateTables: boolean;
  /** Whether pg_trgm, which searches need, is installed or can be. */
  readonly mayHaveTrigrams: boolean;
  /** The owner of the tables, if this role does not have the owner's rights. */
  readonly foreignOwner: string | null;
  /** Whether rows of all tables can be read and written. */
  readonly mayWriteRows: boolean;
}

/** Reads {@link ServerFacts}; needs no rights on tables. */
export async function readServerFacts(queries: Queries): Promise<ServerFacts> {
  const [facts] = await queries.query<ServerFacts>(`
    with own as (
      select c.oid, c.relowner from pg_class c
      where c.relkind in ('r', 'p')
        and c.relnamespace = (select relnamespace from pg_class where oid = to_regclass('migrations'))
        and c.relowner = (select relowner from pg_class where oid = to_regclass('migrations'))
    )
    select current_setting('server_version_num')::int as "versionNumber",
      current_setting('server_version') as version,
      current_setting('server_encoding') as encoding,
      exists (select from pg_collation where collname = '${UNQUOTED_COLLATION}' and collprovider = 'i') as "hasIcu",
      pg_is_in_recovery() as "isReplica",
      current_setting('transaction_read_only') = 'on' as "isReadOnly",
      current_user as role, current_database() as database, current_schema() as schema,
      coalesce(has_schema_privilege(current_schema(), 'create'), false) as "mayCreateTables",
      exists (select from pg_extension where extname = 'pg_trgm')
        or has_database_privilege(current_database(), 'create') as "mayHaveTrigrams",
      (select min(pg_get_userbyid(relowner)) from own where not pg_has_role(relowner, 'usage')) as "foreignOwner",
      coalesce((select bool_and(
        has_table_privilege(oid, 'select') and has_table_privilege(oid, 'insert')
        and has_table_privilege(oid, 'update') and has_table_privilege(oid, 'delete')) from own), true) as "mayWriteRows"`);
  return facts!;
}

/** A sentence that says why Keywright cannot use a server; null if it can. */
export function serverFault(facts: ServerFacts): string | null {
  const { versionNumber, version, database, encoding } = facts;
  if (versionNumber < MIN_MAJOR_VERSION * 10_000) {
    return `Keywright needs PostgreSQL ${MIN_MAJOR_VERSION} or newer, but this is ${version}.`;
  }
  if (facts.isReplica) {
    return `The database ${database} is a replica, which does not accept writes. Point DATABASE_URL at the primary.`;
  }
  if (facts.isReadOnly) {
    return `The database ${database} is read-only. Set default_transaction_read_only to off for the role ${facts.role} and the database, or point DATABASE_URL at the primary.`;
  }
  if (encoding !== 'UTF8') {
    return `The database ${database} stores text as ${encoding}, but Keywright needs UTF8. Create another one: create database ${database}_utf8 encoding 'UTF8' template template0.`;
  }
  if (!facts.hasIcu) {
    return `Keywright sorts names with ICU, but this PostgreSQL was built without it: the collation ${UNQUOTED_COLLATION} is missing. Use a PostgreSQL built with ICU, such as the packages of all distributions.`;
  }
  return null;
}

/** A sentence that names the rights that the role lacks; null if none. With `migrates`, includes the rights that migrations need. */
export function rightsFault(facts: ServerFacts, migrates: boolean): string | null {
  const { role, database, schema, foreignOwner } = facts;
  if (!migrates) {
    if (facts.mayWriteRows) return null;
    return `The role ${role} lacks privileges in the database ${database}: it must be the owner of Keywright's tables, or have select, insert, update and delete on all of them.`;
  }
  const needed = [
    ...(schema === null ? ['a schema in its search_path that exists'] : []),
    ...(schema !== null && !facts.mayCreateTables
      ? [`the privilege to create tables (grant usage, create on schema ${schema} to ${role})`]
      : []),
    ...(facts.mayHaveTrigrams
      ? []
      : [
          `the privilege to create the extension pg_trgm (grant create on database ${database} to ${role}, or create it as a superuser)`,
        ]),
    ...(foreignOwner === null
      ? []
      : [
          `the privileges of ${foreignOwner}, which owns Keywright's tables (grant ${foreignOwner} to ${role}, or change their owner)`,
        ]),
  ];
  if (needed.length === 0) return null;
  return `The role ${role} lacks privileges in the database ${database}. It needs ${needed.join(', and ')}.`;
}
