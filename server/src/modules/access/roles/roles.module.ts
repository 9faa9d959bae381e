import type { DataSource } from 'typeorm';
import type { Clock } from '../../../core/clock.js';
import type { AccessStore } from '../decide/access-store.postgres.js';
import type { Directory } from '../decide/directory.js';
import type { HolderBounds } from '../decide/holder-bounds.js';
import type { Module } from '../decide/module.js';
import type { RequestContext } from '../decide/principal.js';
import type { ChangeRunner } from '../../audit/change-runner.js';
import { UserAdminStore } from '../../users/user-admin-store.postgres.js';
import { PermissionService } from './permission-service.js';
import { RoleService } from './role-service.js';
import { RoleStore } from './role-store.postgres.js';
import { PermissionResolver, RoleResolver } from './role.resolver.js';

export interface RolesDeps {
  readonly dataSource: DataSource;
  readonly clock: Clock;
  readonly access: AccessStore;
  readonly directory: Directory;
  readonly changes: ChangeRunner;
  readonly bounds: HolderBounds;
}

/** Roles and the permission catalog. */
export function createRoles({ dataSource, clock, access, directory, changes, bounds }: RolesDeps) {
  const store = new RoleStore(dataSource);
  const owners = new UserAdminStore(dataSource);
  return {
    store,
    resolvers: [
      new PermissionResolver(access, new PermissionService(changes)),
      new RoleResolver(store, new RoleService({ store, owners, bounds, access, directory, changes, clock })),
    ],
    nodes: { rol: async (_context: RequestContext, id: string) => directory.role(id) ?? null },
  } satisfies Module & { store: RoleStore };
}
