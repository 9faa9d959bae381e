import { FieldResolver, Resolver, Root } from 'type-graphql';
import type { Directory } from '../../access/decide/directory.js';
import type { ApiKey } from '../../keys/key.js';
import { ApiKeyType } from '../../keys/key.type.js';
import { KeyHoldReasonEnum } from './key-hold.type.js';
import type { KeyIndex } from '../key-index.js';

type HeldReason = keyof typeof KeyHoldReasonEnum;

/** Shows how a hold restricts a key after a restore. */
@Resolver(() => ApiKeyType)
export class KeyHeldResolver {
  constructor(
    private readonly index: KeyIndex,
    private readonly directory: Directory,
  ) {}

  @FieldResolver(() => [KeyHoldReasonEnum], {
    description:
      'How the key is restricted to less than the database says, because it was restored or failed over: by a hold on the key itself, its service account, a role, or a scope. Empty for nearly every key.',
  })
  heldReasons(@Root() { id }: ApiKey): HeldReason[] {
    const key = this.index.get(id);
    if (key === undefined) return [];
    const { directory } = this;
    const { serviceAccountId, grants, scopeId } = key.traits;
    const account = serviceAccountId === null ? undefined : directory.serviceAccount(serviceAccountId);
    const found = new Set<HeldReason>(key.record.held);
    if (account?.held?.includes('DISABLED')) found.add('SERVICE_ACCOUNT_DISABLED');
    if (account && directory.tree.isHeld(account.scopeId, 'API_DISABLED')) found.add('API_DISABLED');
    const roles = [...grants, ...(account?.grants ?? [])].map(
      ({ roleId }) => roleId && directory.role(roleId),
    );
    if (
      account?.held?.includes('ACCESS') ||
      roles.some((role) => role && role.held) ||
      directory.tree.isHeld(scopeId, 'MOVED')
    ) {
      found.add('ACCESS');
    }
    return [...found];
  }
}
