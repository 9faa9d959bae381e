import DataLoader from 'dataloader';
import { perRequest } from '../../core/per-request.js';
import type { KeyStore } from './key-store.js';
import type { ApiKey } from './key.js';

/** Loads keys by id, once per request and in one query; null for what does not exist. */
export const keyLoader = (request: object, store: KeyStore): DataLoader<string, ApiKey | null> =>
  perRequest(request, keyLoader, () => {
    return new DataLoader<string, ApiKey | null>(async (ids) => {
      const found = new Map((await store.findMany(ids)).map((key) => [key.id, key]));
      return ids.map((id) => found.get(id) ?? null);
    });
  });
