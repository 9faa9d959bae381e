import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import {
  authorizeAt,
  requirePerson,
  type Principal,
  type RequestContext,
} from '../../access/decide/principal.js';
import { ROOT_SCOPE } from '../../scopes/tree/scope.js';
import type { AccessHoldService, SettledAccessHold } from './access-hold-service.js';
import type { AccessHold } from './access-hold-store.postgres.js';
import { AccessHoldPayload, AccessHoldType } from './access-hold.type.js';

/** Lists and settles changes to service accounts, roles, scopes and route rules that a restored database lost. */
@Resolver()
export class AccessHoldResolver {
  constructor(private readonly holds: AccessHoldService) {}

  @Query(() => [AccessHoldType], {
    description:
      'Service accounts, roles, scopes and route rules that are restricted to less than the database says, because it was restored or failed over; at most 500. Needs keywright.keys.read for the whole installation.',
  })
  async accessHolds(@Ctx() context: RequestContext): Promise<AccessHold[]> {
    authorizeAt(context, 'keywright.keys.read', ROOT_SCOPE.id);
    return this.holds.list();
  }

  @Mutation(() => AccessHoldPayload, {
    description:
      'Repeats the lost change: disables the service account, switches the API off, removes the grants or permissions, moves the scope, or replaces the current list of route rules with the remembered one. Only for users; needs keywright.access.manage for the whole installation. Errors: NOT_FOUND, NAME_TAKEN, CONFLICT if a scope or permission that it depends on was lost too.',
  })
  async applyAccessHold(
    @Ctx() context: RequestContext,
    @Arg('id', () => ID) id: string,
  ): Promise<SettledAccessHold> {
    return this.holds.apply(settling(context), id);
  }

  @Mutation(() => AccessHoldPayload, {
    description:
      'Accepts what the database says about the service account, role, scope or route rules. Only for users; needs keywright.access.manage for the whole installation, and everything that this restores. Errors: NOT_FOUND, FORBIDDEN, GRANT_NOT_HELD.',
  })
  async releaseAccessHold(
    @Ctx() context: RequestContext,
    @Arg('id', () => ID) id: string,
  ): Promise<SettledAccessHold> {
    return this.holds.release(settling(context), id);
  }
}

function settling(context: RequestContext): Principal {
  requirePerson(context);
  return authorizeAt(context, 'keywright.access.manage', ROOT_SCOPE.id);
}
