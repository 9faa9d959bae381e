const SUFFIX = ' copy';

/** A name for a copy, within the length limit. */
export function copyName(name: string, longest: number): string {
  return `${name.slice(0, longest - SUFFIX.length)}${SUFFIX}`;
}
