/** What is answered without asking anybody else. */
export function atOnce<T>(answer: T | Promise<T>): T {
  if (answer instanceof Promise) throw new Error('Somebody else was asked.');
  return answer;
}
