/** Returns an answer that must not be a promise. */
export function expectSync<T>(answer: T | Promise<T>): T {
  if (answer instanceof Promise) throw new Error('The answer is a promise.');
  return answer;
}
