import DataLoader from 'dataloader';
import { perRequest } from '../../core/per-request.js';
import { requirePrincipal, type ManagementPermission, type RequestContext } from '../access/principal.js';
import type { ServiceAccount } from './service-account.js';
import type { ServiceAccountStore } from './service-account-store.postgres.js';

/** Any of these, held where a service account lies, shows it. */
export const SHOWING: readonly ManagementPermission[] = ['keywright.keys.read', 'keywright.access.manage'];

/** Loads service accounts by id, once per request and in one query; null for those that the caller may not see. */
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
