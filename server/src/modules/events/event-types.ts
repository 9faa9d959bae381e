import { EVENT_TYPES } from '@keywright/schema/event-types';
import { badInput } from '../../core/errors.js';
import { nounOf } from './event-visibility.js';

const NOUNS: ReadonlySet<string> = new Set(EVENT_TYPES.map(nounOf));
const KNOWN: ReadonlySet<string> = new Set<string>(EVENT_TYPES);
/** Maximum number of types in one filter. */
const MAX_TYPES = 100;

/**
 * The types that a filter names, where `api_key.*` stands for all types of a noun; null for all types. Error: BAD_USER_INPUT
 * for unknown ones.
 */
export function typesNamed(names: readonly string[] | null | undefined, path: string): string[] | null {
  if (names == null) return null;
  if (names.length > MAX_TYPES) {
    throw badInput([{ path, message: `Name at most ${MAX_TYPES} types of events, or leave them out.` }]);
  }
  return names.flatMap((name) => {
    if (KNOWN.has(name)) return [name];
    const noun = name.endsWith('.*') ? name.slice(0, -2) : '';
    if (NOUNS.has(noun)) return EVENT_TYPES.filter((type) => type.startsWith(`${noun}.`));
    const shown = JSON.stringify(name.slice(0, 60));
    throw badInput([
      { path, message: `There is no type of event ${shown}. The query eventTypes lists all of them.` },
    ]);
  });
}
