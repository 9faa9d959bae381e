import DataLoader from 'dataloader';
import { ID_PREFIXES, isId } from '../../core/id.js';
import { perRequest } from '../../core/per-request.js';
import { authorize, type RequestContext } from '../access/decide/principal.js';
import type { KeyStore } from './key-store.js';
import type { ApiKey } from './key.js';

/** Loads keys by id, once per request and in one query; null for keys that do not exist. Checks no permission. */
export const keyLoader = (request: object, store: KeyStore): DataLoader<string, ApiKey | null> =>
  perRequest(request, keyLoader, () => {
    return new DataLoader<string, ApiKey | null>(async (ids) => {
      const found = new Map((await store.findMany(ids)).map((key) => [key.id, key]));
      return ids.map((id) => found.get(id) ?? null);
    });
  });

/**
 * The key if the caller can read keys in its scope; null as for a key that does not exist. Errors: UNAUTHENTICATED,
 * FORBIDDEN.
 */
export async function visibleKey(
  context: RequestContext,
  store: KeyStore,
  id: string,
): Promise<ApiKey | null> {
  const { access } = authorize(context, 'keywright.keys.read');
  const key = isId(ID_PREFIXES.apiKey, id) ? await keyLoader(context, store).load(id) : null;
  return key && access.holdsAt('keywright.keys.read', key.scopeId) ? key : null;
}
