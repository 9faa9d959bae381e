import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { authorizeAt, requirePerson, type RequestContext } from '../../access/decide/principal.js';
import { ROOT_SCOPE } from '../../scopes/tree/scope.js';
import type { KeyHold } from './key-hold-store.postgres.js';
import type { KeyHoldService, SettledHold } from './key-hold-service.js';
import { KeyHoldPayload, KeyHoldType } from './key-hold.type.js';

/** Lists and settles changes to keys that a restored database lost. */
@Resolver()
export class KeyHoldResolver {
  constructor(private readonly holds: KeyHoldService) {}

  @Query(() => [KeyHoldType], {
    description:
      'Keys that are restricted to less than the database says, because it was restored or failed over; at most 500. Needs keywright.keys.read for the whole installation.',
  })
  async keyHolds(@Ctx() context: RequestContext): Promise<KeyHold[]> {
    authorizeAt(context, 'keywright.keys.read', ROOT_SCOPE.id);
    return this.holds.list();
  }

  @Mutation(() => KeyHoldPayload, {
    description:
      'Repeats the lost change: revokes, disables or narrows the key. A replaced secret stops working; regenerate the key to get a new one. Only for users; needs keywright.keys.write for the whole installation. Errors: NOT_FOUND.',
  })
  async applyKeyHold(@Ctx() context: RequestContext, @Arg('id', () => ID) id: string): Promise<SettledHold> {
    requirePerson(context);
    const by = authorizeAt(context, 'keywright.keys.write', ROOT_SCOPE.id);
    return this.holds.apply(by, id);
  }

  @Mutation(() => KeyHoldPayload, {
    description:
      'Accepts what the database says about the key. Only for users; needs keywright.keys.write for the whole installation, and every permission of the key. Errors: NOT_FOUND, FORBIDDEN, GRANT_NOT_HELD.',
  })
  async releaseKeyHold(
    @Ctx() context: RequestContext,
    @Arg('id', () => ID) id: string,
  ): Promise<SettledHold> {
    requirePerson(context);
    const by = authorizeAt(context, 'keywright.keys.write', ROOT_SCOPE.id);
    return this.holds.release(by, id);
  }
}
