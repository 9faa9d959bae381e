import { MANAGEMENT_PERMISSIONS, SEEDED_PERMISSIONS } from '@keywright/schema/permissions';
import type { Caller, Place } from './caller.js';
import type { Rule } from './rule.js';
import type { World } from './world.js';

const PLACES: readonly Place[] = ['root', 'home', 'foreign'];
const EVERYTHING = [...MANAGEMENT_PERMISSIONS, ...SEEDED_PERMISSIONS].map(({ name }) => name);

/** All callers for a rule: all users, keys with exactly the required permissions, and one key with all others. */
export async function callersFor(world: World, rule: Rule, environment?: string): Promise<Caller[]> {
  const key = (name: string, permissions: readonly string[], at: Place = 'root'): Promise<Caller> =>
    world.key(name, [{ at, permissions }], environment);
  const { needs, onlyFor } = rule;
  // Operations for keys accept no session, no matter whose.
  const people = world.people.filter(({ name }) => onlyFor !== 'keys' || ['nobody', 'Owner'].includes(name));
  if (needs === null || needs === 'signed-in') {
    return [...people, await key('a key that may do nothing', [])];
  }
  const anyOf = typeof needs === 'string' ? [needs] : needs;
  const exact = PLACES.flatMap((at) => anyOf.map((name) => key(`a key with ${name} at ${at}`, [name], at)));
  const others = EVERYTHING.filter((name) => !anyOf.includes(name));
  const rest = key(`a key with all but ${anyOf.join(', ')}`, others);
  return [...people, ...(await Promise.all(exact)), await rest];
}
