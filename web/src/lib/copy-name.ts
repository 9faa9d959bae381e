const SUFFIX = ' copy';

/** A name for a copy that is not longer than allowed. */
export function copyName(name: string, longest: number): string {
  return `${name.slice(0, longest - SUFFIX.length)}${SUFFIX}`;
}
