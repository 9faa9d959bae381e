const memories = new WeakMap<object, Map<unknown, unknown>>();

/** One value per request and key, made on first use: where DataLoaders live. */
export function perRequest<T>(request: object, key: unknown, make: () => T): T {
  let memory = memories.get(request);
  if (!memory) memories.set(request, (memory = new Map()));
  if (!memory.has(key)) memory.set(key, make());
  return memory.get(key) as T;
}
