import { Arg, Ctx, ID, Int, Mutation, Resolver } from 'type-graphql';
import { badInput } from '../../core/errors.js';
import { authorize, type RequestContext } from '../access/decide/principal.js';
import { DateTimeScalar } from '../scalars/date-time.js';
import { changeEach, type ChangedKeys } from './change-each.js';
import { BulkPayloadType } from './key-change.type.js';
import { checkExtension } from './key-extension.js';
import type { KeyService } from './key-service.js';

const MAX_BULK = 100;

/** Changes several keys in one call; each change commits separately. */
@Resolver()
export class KeyBulkResolver {
  constructor(
    private readonly keys: KeyService,
    private readonly log: (message: string, error: unknown) => void,
  ) {}

  @Mutation(() => BulkPayloadType, {
    description: 'Disables up to 100 keys. Needs keywright.keys.write.',
  })
  async bulkDisableApiKeys(
    @Ctx() context: RequestContext,
    @Arg('ids', () => [ID]) ids: string[],
  ): Promise<ChangedKeys> {
    const by = authorize(context, 'keywright.keys.write');
    return this.forEach(ids, (keys, id) => keys.setEnabled(by, id, false));
  }

  @Mutation(() => BulkPayloadType, {
    description: 'Revokes up to 100 keys permanently. Needs keywright.keys.revoke.',
  })
  async bulkRevokeApiKeys(
    @Ctx() context: RequestContext,
    @Arg('ids', () => [ID]) ids: string[],
    @Arg('reason', () => String, { nullable: true }) reason: string | null,
  ): Promise<ChangedKeys> {
    const by = authorize(context, 'keywright.keys.revoke');
    return this.forEach(ids, (keys, id) => keys.revoke(by, id, reason));
  }

  @Mutation(() => BulkPayloadType, {
    description:
      'Moves the expiry of up to 100 keys: to expiresAt (null means never), or by a number of days (1 to 3650) after the end of today in UTC, or after the current expiry if that is later. A key that would expire earlier than now is not changed, and is listed in failed with BAD_USER_INPUT, unless shorten is true. Needs keywright.keys.write.',
  })
  async bulkExtendApiKeys(
    @Ctx() context: RequestContext,
    @Arg('ids', () => [ID]) ids: string[],
    @Arg('expiresAt', () => DateTimeScalar, { nullable: true }) expiresAt: Date | null | undefined,
    @Arg('days', () => Int, { nullable: true }) days: number | null | undefined,
    @Arg('shorten', () => Boolean, { defaultValue: false }) shorten: boolean,
  ): Promise<ChangedKeys> {
    const by = authorize(context, 'keywright.keys.write');
    const extension = { expiresAt, days, shorten };
    checkExtension(extension);
    return this.forEach(ids, (keys, id) => keys.extend(by, id, extension));
  }

  /** Changes keys one after another; a failure does not stop the rest. Errors: BAD_USER_INPUT for 0 or over 100 ids. */
  private async forEach(
    ids: readonly string[],
    change: (keys: KeyService, id: string) => Promise<unknown>,
  ): Promise<ChangedKeys> {
    const distinct = [...new Set(ids)];
    if (distinct.length === 0 || distinct.length > MAX_BULK) {
      throw badInput([{ path: 'ids', message: `Choose 1 to ${MAX_BULK} keys.` }]);
    }
    return changeEach(this.keys, distinct, change, this.log);
  }
}
