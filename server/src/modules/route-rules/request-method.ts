/** The methods that gateways may ask about. TRACE is not among them: it would send credentials back to whoever asks. */
export const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Why requests of a method are refused before any rule is asked, in a sentence; null: they are not. */
export function faultOfMethod(method: string): string | null {
  if (METHODS.includes(method)) return null;
  return method === 'TRACE'
    ? 'TRACE requests are always refused.'
    : 'The method of the request is not known here.';
}
