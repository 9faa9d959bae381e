/** The path to open after sign-in: only paths of this site; anything else becomes the keys page. */
export function safeNext(next: unknown): string {
  if (typeof next !== 'string' || !/^\/(?![/\\])/.test(next) || /[\\\u0000-\u001f]/.test(next))
    return '/keys';
  return /^\/(sign-in|setup|choose-password|forgot-password|auth)\b/.test(next) ? '/keys' : next;
}
