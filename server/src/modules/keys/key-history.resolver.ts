import { Arg, Ctx, FieldResolver, ID, Int, Resolver, Root, Subscription } from 'type-graphql';
import { requireFollowable } from './follow-ids.js';
import { SYSTEM_ACTOR } from '../access/decide/actor.js';
import { mayHear, type Located } from '../access/decide/located.js';
import { authorize, authorizeAt, requirePrincipal, type RequestContext } from '../access/decide/principal.js';
import type { AuditStore } from '../audit/audit-store.postgres.js';
import { AuditEventConnection } from '../audit/audit.type.js';
import { toConnection } from '../graphql-types/connection.js';
import { ApiKeyChangeType } from './key-change.type.js';
import type { KeyStore } from './key-store.js';
import type { ApiKey } from './key.js';
import { ApiKeyType } from './key.type.js';

/** The event published when verification has applied a change of a key. */
export interface KeyChanged extends Located {
  readonly apiKeyId: string;
}

interface Heard {
  readonly payload: KeyChanged;
  readonly args: { readonly ids?: readonly string[] | null };
  readonly context: RequestContext;
}

/** Topic of {@link KeyChanged}. */
export const KEY_CHANGED = 'apiKeyChanged';

/** The history of a key: its audit trail, and its changes as they happen. */
@Resolver(() => ApiKeyType)
export class KeyHistoryResolver {
  constructor(private readonly audit: AuditStore) {}

  @FieldResolver(() => AuditEventConnection, {
    description: "Audit trail of the key, newest first. Needs keywright.audit.read at the key's scope.",
  })
  async auditEvents(
    @Root() key: ApiKey,
    @Ctx() context: RequestContext,
    @Arg('first', () => Int, { nullable: true, defaultValue: 50 }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null,
  ): Promise<unknown> {
    const { access } = authorizeAt(context, 'keywright.audit.read', key.scopeId);
    const reach = access.reach('keywright.audit.read');
    return toConnection(await this.audit.list({ targetId: key.id }, { first, after }, reach));
  }
}

/** Notifies subscribers of changes. */
@Resolver()
export class KeyChangeResolver {
  constructor(
    private readonly audit: AuditStore,
    private readonly keys: KeyStore,
  ) {}

  @Subscription(() => ApiKeyChangeType, {
    // Checked here too, so that a subscriber without the permission is rejected immediately and not at the
    // first event.
    topics: ({ context, args }: Pick<Heard, 'context' | 'args'>) => {
      authorize(context, 'keywright.keys.read');
      requireFollowable(args.ids, 'ids');
      return KEY_CHANGED;
    },
    filter: ({ payload, args, context }: Heard) =>
      (!args.ids || args.ids.includes(payload.apiKeyId)) &&
      mayHear(requirePrincipal(context).access, 'keywright.keys.read', payload),
    description:
      'Changes of keys, once verification has applied them. Without ids, of all keys; with ids, of at most 100. Only keys at scopes where the caller holds keywright.keys.read.',
  })
  async apiKeyChanged(
    @Root() { apiKeyId }: KeyChanged,
    @Ctx() context: RequestContext,
    @Arg('ids', () => [ID], { nullable: true }) _ids: string[] | null,
  ): Promise<unknown> {
    authorize(context, 'keywright.keys.read');
    const [apiKey, event] = await Promise.all([this.keys.find(apiKeyId), this.audit.latest(apiKeyId)]);
    return {
      at: event?.at ?? new Date(),
      apiKey,
      action: event?.action ?? 'api_key.updated',
      actor: event?.actor ?? SYSTEM_ACTOR,
    };
  }
}
