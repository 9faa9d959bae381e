import { Arg, Ctx, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import { authorize, type RequestContext } from '../access/decide/principal.js';
import { ApiKeyPayload, IssuedApiKeyType, PropagationType } from './key-change.type.js';
import { EXPECTED_VERSION } from '../graphql-types/expected-version.js';
import { CreateApiKeyInput, UpdateApiKeyInput } from './key.input.js';
import type { IssuedKey, KeyChange } from './key-requests.js';
import type { KeyService } from './key-service.js';
import type { ChangePropagation, Propagation } from '../../core/propagation.js';

/** Changes one key at a time. */
@Resolver()
export class KeyMutationResolver {
  constructor(
    private readonly keys: KeyService,
    private readonly changes: ChangePropagation,
  ) {}

  @Mutation(() => IssuedApiKeyType, {
    description:
      "Creates a key; its secret is only returned this once. Needs keywright.keys.write at the key's scope, and every permission it grants. Errors: BAD_USER_INPUT, FORBIDDEN, NAME_TAKEN, GRANT_NOT_HELD, LICENSE_LIMIT_REACHED, CONFLICT.",
  })
  async createApiKey(
    @Ctx() context: RequestContext,
    @Arg('input', () => CreateApiKeyInput) input: CreateApiKeyInput,
  ): Promise<IssuedKey> {
    return this.keys.create(authorize(context, 'keywright.keys.write'), input);
  }

  @Mutation(() => ApiKeyPayload, {
    description:
      'Changes settings of a key; takes effect immediately. Needs keywright.keys.write; to rename or widen the key, every permission it has. A calling key can only narrow itself. Errors: NOT_FOUND, FORBIDDEN, KEY_REVOKED, BAD_USER_INPUT, NAME_TAKEN, GRANT_NOT_HELD, CONFLICT.',
  })
  async updateApiKey(
    @Ctx() context: RequestContext,
    @Arg('input', () => UpdateApiKeyInput) input: UpdateApiKeyInput,
    @Arg('expectedVersion', () => Int, EXPECTED_VERSION) expectedVersion: number | null,
  ): Promise<KeyChange> {
    return this.keys.update(authorize(context, 'keywright.keys.write'), input, expectedVersion);
  }

  @Mutation(() => ApiKeyPayload, { description: 'Enables a key. Needs keywright.keys.write.' })
  async enableApiKey(@Ctx() context: RequestContext, @Arg('id', () => ID) id: string): Promise<KeyChange> {
    return this.keys.setEnabled(authorize(context, 'keywright.keys.write'), id, true);
  }

  @Mutation(() => ApiKeyPayload, {
    description: 'Disables a key, reversibly. Needs keywright.keys.write.',
  })
  async disableApiKey(@Ctx() context: RequestContext, @Arg('id', () => ID) id: string): Promise<KeyChange> {
    return this.keys.setEnabled(authorize(context, 'keywright.keys.write'), id, false);
  }

  @Mutation(() => ApiKeyPayload, {
    description: 'Locks a key, so that it cannot be revoked. Needs keywright.keys.write.',
  })
  async lockApiKey(@Ctx() context: RequestContext, @Arg('id', () => ID) id: string): Promise<KeyChange> {
    return this.keys.setLocked(authorize(context, 'keywright.keys.write'), id, true);
  }

  @Mutation(() => ApiKeyPayload, {
    description: 'Unlocks a key. Needs keywright.keys.write.',
  })
  async unlockApiKey(@Ctx() context: RequestContext, @Arg('id', () => ID) id: string): Promise<KeyChange> {
    return this.keys.setLocked(authorize(context, 'keywright.keys.write'), id, false);
  }

  @Mutation(() => IssuedApiKeyType, {
    description:
      'Issues a new secret for the same key; the old one works for overlapSeconds more (0 to 30 days). Needs keywright.keys.write and every permission of the key. Errors: NOT_FOUND, KEY_REVOKED, GRANT_NOT_HELD, CONFLICT.',
  })
  async regenerateApiKey(
    @Ctx() context: RequestContext,
    @Arg('id', () => ID) id: string,
    @Arg('overlapSeconds', () => Int, { defaultValue: 0 }) overlapSeconds: number,
    @Arg('idempotencyKey', () => String, { nullable: true }) idempotencyKey: string | null,
  ): Promise<IssuedKey> {
    const by = authorize(context, 'keywright.keys.write');
    return this.keys.regenerate(by, id, overlapSeconds, idempotencyKey);
  }

  @Mutation(() => ApiKeyPayload, {
    description: 'Ends an overlap: the previous secret stops working now. Needs keywright.keys.write.',
  })
  async endApiKeyOverlap(
    @Ctx() context: RequestContext,
    @Arg('id', () => ID) id: string,
  ): Promise<KeyChange> {
    return this.keys.endOverlap(authorize(context, 'keywright.keys.write'), id);
  }

  @Mutation(() => IssuedApiKeyType, {
    description:
      'Creates a key with the same settings under another name. Needs keywright.keys.write and every permission of the key. Errors: NOT_FOUND, KEY_REVOKED, NAME_TAKEN, GRANT_NOT_HELD, LICENSE_LIMIT_REACHED, BAD_USER_INPUT.',
  })
  async duplicateApiKey(
    @Ctx() context: RequestContext,
    @Arg('id', () => ID) id: string,
    @Arg('name', () => String) name: string,
  ): Promise<IssuedKey> {
    return this.keys.duplicate(authorize(context, 'keywright.keys.write'), id, name);
  }

  @Mutation(() => ApiKeyPayload, {
    description:
      'Revokes a key permanently and erases its credential. Needs keywright.keys.revoke. Errors: NOT_FOUND, KEY_REVOKED, KEY_LOCKED.',
  })
  async revokeApiKey(
    @Ctx() context: RequestContext,
    @Arg('id', () => ID) id: string,
    @Arg('reason', () => String, { nullable: true }) reason: string | null,
  ): Promise<KeyChange> {
    return this.keys.revoke(authorize(context, 'keywright.keys.revoke'), id, reason);
  }

  @Query(() => PropagationType, {
    description: 'How far an earlier change has propagated. Needs keywright.keys.read.',
  })
  async propagation(
    @Ctx() context: RequestContext,
    @Arg('changeToken', () => String) changeToken: string,
  ): Promise<Propagation> {
    authorize(context, 'keywright.keys.read');
    return this.changes.status(changeToken);
  }
}
