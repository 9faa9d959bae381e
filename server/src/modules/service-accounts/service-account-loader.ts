import DataLoader from 'dataloader';
import { perRequest } from '../../core/per-request.js';
import {
  requirePrincipal,
  type ManagementPermission,
  type RequestContext,
} from '../access/decide/principal.js';
import type { ServiceAccount } from './service-account.js';
import type { ServiceAccountStore } from './service-account-store.postgres.js';

/** Either of these permissions, held at the scope of a service account, makes it visible. */
export const SHOWING: readonly ManagementPermission[] = ['keywright.keys.read', 'keywright.access.manage'];

/** Loads service accounts by id, batched into one query per request; null for those that the caller cannot see. */
export async function visibleServiceAccount(
  context: RequestContext,
  store: ServiceAccountStore,
  id: string,
): Promise<ServiceAccount | null> {
  const { access } = requirePrincipal(context);
  const loader = perRequest(context, visibleServiceAccount, () => {
    return new DataLoader<string, ServiceAccount | null>(async (ids) => {
      const found = new Map((await store.findMany(ids)).map((account) => [account.id, account]));
      return ids.map((wanted) => found.get(wanted) ?? null);
    });
  });
  const account = await loader.load(id);
  return account && SHOWING.some((name) => access.holdsAt(name, account.scopeId)) ? account : null;
}
