const caches = new WeakMap<object, Map<unknown, unknown>>();

/** One value per request and key, created on first use; holds DataLoaders. */
export function perRequest<T>(request: object, key: unknown, make: () => T): T {
  let cache = caches.get(request);
  if (!cache) caches.set(request, (cache = new Map()));
  if (!cache.has(key)) cache.set(key, make());
  return cache.get(key) as T;
}
