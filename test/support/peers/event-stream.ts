/** Subscribes over server-sent events. */
export const openEventStream = (
  url: string,
  query: string,
  headers: Record<string, string>,
  signal?: AbortSignal,
): Promise<Response> =>
  fetch(`${url}/graphql/stream`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
    body: JSON.stringify({ query }),
    ...(signal ? { signal } : {}),
  });
