import type { Module, ModuleDeps } from '../decide/module.js';
import type { RequestContext } from '../decide/principal.js';
import { UserAdminStore } from '../../users/user-admin-store.postgres.js';
import { PermissionService } from './permission-service.js';
import { PermissionStore } from './permission-store.postgres.js';
import { RoleService } from './role-service.js';
import { RoleStore } from './role-store.postgres.js';
import { PermissionResolver, RoleResolver } from './role.resolver.js';

/** Roles and the permission catalog. */
export function createRoles({ dataSource, clock, access, directory, changes, bounds }: ModuleDeps) {
  const store = new RoleStore(dataSource);
  const owners = new UserAdminStore(dataSource);
  return {
    store,
    resolvers: [
      new PermissionResolver(access, new PermissionService(changes, new PermissionStore())),
      new RoleResolver(store, new RoleService({ store, owners, bounds, access, directory, changes, clock })),
    ],
    nodes: { rol: async (_context: RequestContext, id: string) => directory.role(id) ?? null },
  } satisfies Module & { store: RoleStore };
}
