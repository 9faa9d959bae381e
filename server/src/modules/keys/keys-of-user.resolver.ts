import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import { AppError, notFound } from '../../core/errors.js';
import { authorize, type Principal, type RequestContext } from '../access/decide/principal.js';
import { changeEach, type ChangedKeys } from './change-each.js';
import { BulkPayloadType } from './key-change.type.js';
import type { KeyFilter } from './key-filter.js';
import type { KeyService } from './key-service.js';
import type { KeyStore } from './key-store.js';

const MAX_KEYS = 500;
const PAGE_KEYS = 100;

/** What must be known of a user who created keys. */
export interface KeyCreator {
  readonly id: string;
  readonly enabled: boolean;
}

export interface KeysOfUserDeps {
  readonly service: KeyService;
  readonly store: KeyStore;
  /**
   * The user if the caller manages users at a scope where the user holds something; null as for a user that does not
   * exist.
   */
  readonly visibleUser: (context: RequestContext, id: string) => Promise<KeyCreator | null>;
  readonly log: (message: string, error: unknown) => void;
}

/** Disables the keys that a user created along with the user, and enables exactly these again. */
@Resolver()
export class KeysOfUserResolver {
  constructor(private readonly deps: KeysOfUserDeps) {}

  @Mutation(() => BulkPayloadType, {
    description:
      `Disables the enabled keys that a disabled user created, up to ${MAX_KEYS} in one call. Each needs ` +
      'keywright.keys.write; keys that the caller cannot see are neither changed nor listed. Needs keywright.users.manage. ' +
      'Errors: NOT_FOUND, CONFLICT while the user is enabled.',
  })
  async disableKeysOfUser(
    @Ctx() context: RequestContext,
    @Arg('userId', () => ID) userId: string,
  ): Promise<ChangedKeys> {
    const { by, user } = await this.authorized(context, userId);
    if (user.enabled) throw new AppError('CONFLICT', 'This user is enabled. Disable the user first.');
    return this.switchAll(by, user, false, {
      createdById: user.id,
      enabled: true,
      status: ['ACTIVE', 'EXPIRING_SOON', 'EXPIRED', 'INACTIVE'],
    });
  }

  @Mutation(() => BulkPayloadType, {
    description:
      `Re-enables the keys that disableKeysOfUser disabled when the user was last disabled, up to ${MAX_KEYS} in one call, ` +
      'except those enabled or disabled since. Each needs keywright.keys.write and every permission of the key. Needs ' +
      'keywright.users.manage. Errors: NOT_FOUND, CONFLICT while the user is disabled.',
  })
  async enableKeysOfUser(
    @Ctx() context: RequestContext,
    @Arg('userId', () => ID) userId: string,
  ): Promise<ChangedKeys> {
    const { by, user } = await this.authorized(context, userId);
    if (!user.enabled) throw new AppError('CONFLICT', 'This user is disabled. Enable the user first.');
    return this.switchAll(by, user, true, { disabledWithUserId: user.id });
  }

  private async authorized(
    context: RequestContext,
    userId: string,
  ): Promise<{ by: Principal; user: KeyCreator }> {
    const by = authorize(context, 'keywright.users.manage');
    const user = await this.deps.visibleUser(context, userId);
    if (!user) throw notFound();
    return { by, user };
  }

  private async switchAll(
    by: Principal,
    user: KeyCreator,
    enabled: boolean,
    filter: KeyFilter,
  ): Promise<ChangedKeys> {
    const { service, log } = this.deps;
    const ids = await this.idsOf(by, filter);
    return changeEach(service, ids, (keys, id) => keys.switchWithUser(by, id, user.id, enabled), log);
  }

  /** Keys that the caller can see, oldest first. */
  private async idsOf(by: Principal, filter: KeyFilter): Promise<string[]> {
    const reach = by.access.reach('keywright.keys.read');
    const sort = { field: 'CREATED', direction: 'ASC' } as const;
    const ids: string[] = [];
    for (let after: string | null = null; ids.length < MAX_KEYS;) {
      const page = await this.deps.store.list(filter, sort, { first: PAGE_KEYS, after }, reach);
      ids.push(...page.rows.map(({ id }) => id));
      if (!page.hasNextPage) break;
      after = page.cursors.at(-1)!;
    }
    return ids;
  }
}
