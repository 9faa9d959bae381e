import type { Caller, Place } from './caller.js';
import type { Outcome, Rule } from './rule.js';

const covers = (held: string, wanted: string): boolean =>
  held === '*' || held === wanted || (held.endsWith('.*') && wanted.startsWith(held.slice(0, -1)));

/** Whether the caller has one of the permissions at or above the place; without a place: anywhere. */
function holds(caller: Caller, anyOf: readonly string[], place?: Place): boolean {
  return caller.grants
    .filter(({ at }) => place === undefined || at === 'root' || at === place)
    .some(({ permissions }) => permissions.some((held) => anyOf.some((wanted) => covers(held, wanted))));
}

/** Whether the caller can see objects at home. */
function sees(caller: Caller, { seenWith = ['keywright.keys.read'] }: Rule): boolean {
  if (seenWith !== 'anything') return holds(caller, seenWith, 'home');
  return caller.grants.some(({ at, permissions }) => at !== 'foreign' && permissions.length > 0);
}

/** The expected result of a caller, from the rule and the caller's permissions. */
export function predict(rule: Rule, caller: Caller): Outcome {
  const { needs, at, onlyFor } = rule;
  if (needs === null) return 'ALLOWED';
  if (caller.kind === 'nobody') return 'UNAUTHENTICATED';
  if (onlyFor && onlyFor !== caller.kind) return onlyFor === 'keys' ? 'UNAUTHENTICATED' : 'FORBIDDEN';
  if (needs === 'signed-in') return at !== 'scope' || sees(caller, rule) ? 'ALLOWED' : 'NOT_FOUND';
  const anyOf = typeof needs === 'string' ? [needs] : needs;
  const place = { anywhere: undefined, root: 'root', scope: 'home' } as const;
  if (holds(caller, anyOf, place[at])) return 'ALLOWED';
  const lost = at === 'scope' && holds(caller, anyOf) && !sees(caller, rule);
  return lost ? 'NOT_FOUND' : 'FORBIDDEN';
}
