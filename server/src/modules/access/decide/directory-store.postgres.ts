import type { Queries } from '../../../core/queries.js';
import { holdContent, type OpenAccessHold } from './access-hold.js';
import type { ScopeNode } from '../../scopes/tree/scope.js';
import type { DirectoryContent, GrantHolder } from './directory.js';
import type { DirectoryIds, DirectoryStore } from './directory-store.js';
import type { Role } from './role.js';

/** Columns of a {@link ScopeNode} in the table `scope`. */
export const SCOPE_COLUMNS = `scope.id, scope.kind, scope.name, scope.parent_id as "parentId", scope.email,
  scope.joined_on::text as "joinedOn", scope.api_enabled as "apiEnabled", scope.maximum_keys as "maximumKeys",
  scope.created_at as "createdAt", scope.edit_version as "version"`;

const ROLES = `select id, name, description, permissions, built_in as "builtIn", edit_version as "version" from role`;
const ACCOUNTS = `
  select a.id, a.name, a.scope_id as "scopeId", a.enabled, a.edit_version as "version", coalesce(g.grants, '[]') as grants
  from service_account a left join lateral (
    select json_agg(json_build_object('scopeId', scope_id, 'roleId', role_id, 'permissions', permissions) order by position)
      as grants from service_account_grant where service_account_id = a.id) g on true`;

const HOLDS = `
  select target_id as "targetId", restriction, excess from access_hold
  where settled_at is null and entity <> 'route_rules'`;

/** Reads scopes, roles and service accounts from PostgreSQL. */
export class PostgresDirectoryStore implements DirectoryStore {
  /** @param bulk Connection for loading everything, which takes longer than other queries. */
  constructor(
    private readonly queries: Queries,
    private readonly bulk: Queries = queries,
  ) {}

  async loadAll(): Promise<DirectoryContent> {
    const [scopes, roles, serviceAccounts, holds] = await Promise.all([
      this.bulk.query<ScopeNode>(`select ${SCOPE_COLUMNS} from scope`),
      this.bulk.query<Role>(ROLES),
      this.bulk.query<GrantHolder>(ACCOUNTS),
      this.bulk.query<OpenAccessHold>(`${HOLDS} order by id`),
    ]);
    return holdContent({ scopes, roles, serviceAccounts }, holds);
  }

  async load(ids: DirectoryIds): Promise<DirectoryContent> {
    const some = <T>(wanted: readonly string[], sql: string, id: string): Promise<T[]> =>
      wanted.length === 0
        ? Promise.resolve([])
        : this.queries.query<T>(`${sql} where ${id} = any($1)`, [wanted]);
    const [scopes, roles, serviceAccounts, holds] = await Promise.all([
      some<ScopeNode>(ids.scopes, `select ${SCOPE_COLUMNS} from scope`, 'id'),
      some<Role>(ids.roles, ROLES, 'id'),
      some<GrantHolder>(ids.serviceAccounts, ACCOUNTS, 'a.id'),
      this.queries.query<OpenAccessHold>(`${HOLDS} and target_id = any($1) order by id`, [
        [...ids.scopes, ...ids.roles, ...ids.serviceAccounts],
      ]),
    ]);
    return holdContent({ scopes, roles, serviceAccounts }, holds);
  }
}
