import { foldAscii, type PathPattern } from '../path-pattern.js';

/** Items by their leading segments, in the order in which each segment first appeared. */
class Branch<T> {
  readonly literals = new Map<string, Branch<T>>();
  readonly here: T[] = [];
  readonly rests: T[] = [];
  parameter: Branch<T> | undefined;

  *inOrder(): Generator<T> {
    yield* this.here;
    for (const branch of this.literals.values()) yield* branch.inOrder();
    if (this.parameter) yield* this.parameter.inOrder();
    yield* this.rests;
  }
}

/**
 * Orders patterns so that the first match is the most specific, as OpenAPI requires: a literal comes before a
 * parameter in the same position. Otherwise paths with the same prefix stay together, in their order.
 */
export function specificFirst<T extends { readonly pattern: PathPattern }>(items: readonly T[]): T[] {
  const root = new Branch<T>();
  for (const item of items) {
    let branch = root;
    for (const segment of item.pattern.segments) {
      if ('parameter' in segment) {
        branch = branch.parameter ??= new Branch();
        continue;
      }
      const literal = foldAscii(segment.literal);
      let next = branch.literals.get(literal);
      if (!next) branch.literals.set(literal, (next = new Branch()));
      branch = next;
    }
    (item.pattern.rest ? branch.rests : branch.here).push(item);
  }
  return [...root.inOrder()];
}
