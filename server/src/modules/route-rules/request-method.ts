/** The methods that gateways can ask about. TRACE is excluded: it would echo credentials back to the client. */
export const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Why requests with a method are rejected before any rule is checked, as a sentence; null if they are not. */
export function faultOfMethod(method: string): string | null {
  if (METHODS.includes(method)) return null;
  return method === 'TRACE'
    ? 'TRACE requests are always rejected.'
    : 'The method of the request is not supported.';
}
