import { detached } from './text.js';

/** Maximum texts that are remembered, and their maximum length in characters. */
const MAX_TEXTS = 1000;
const MAX_TEXT_LENGTH = 64;

/** Remembers what a function makes of short Latin-1 texts, for texts that recur in nearly all requests. */
export function remembered<T>(make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    if (text.length > MAX_TEXT_LENGTH) return make(text);
    let made = known.get(text);
    if (made === undefined) {
      if (known.size >= MAX_TEXTS) known.clear();
      const own = detached(text);
      known.set(own, (made = make(own)));
    }
    return made;
  };
}
