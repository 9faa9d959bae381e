import type { AccessSet, Reach } from '../access/decide/access-set.js';
import type { ManagementPermission } from '../access/decide/principal.js';
import type { Event } from './event.js';

/** The permission that reading events requires, for all of them. */
export const EVENTS_PERMISSION = 'keywright.events.read' satisfies ManagementPermission;

/**
 * The permission that events require besides, by the noun of their type. Whoever sees a scope sees its roles, service
 * accounts and route rules.
 */
const PERMISSIONS: ReadonlyMap<string, ManagementPermission> = new Map([
  ['api_key', 'keywright.keys.read'],
  ['audit_log', 'keywright.audit.read'],
  ['permission', EVENTS_PERMISSION],
  ['role', EVENTS_PERMISSION],
  ['route_rule', EVENTS_PERMISSION],
  ['scope', EVENTS_PERMISSION],
  ['service_account', EVENTS_PERMISSION],
  ['setting', 'keywright.settings.manage'],
  ['user', 'keywright.users.manage'],
]);

/** The noun of a type: what its events are about. */
export const nounOf = (type: string): string => type.slice(0, type.indexOf('.'));

/** The permission that reading events of a type requires, besides reading events at all. */
export const permissionOf = (type: string): ManagementPermission | undefined => PERMISSIONS.get(nounOf(type));

/** Which events a caller can see: those in `reach`, and in that of the permission for their noun. */
export interface EventVisibility {
  readonly reach: Reach;
  readonly byNoun: ReadonlyMap<string, Reach>;
}

/** The events that a caller can see. */
export const eventVisibility = (access: AccessSet): EventVisibility => ({
  reach: access.reach(EVENTS_PERMISSION),
  byNoun: new Map([...PERMISSIONS].map(([noun, permission]) => [noun, access.reach(permission)])),
});

const within = (path: readonly string[] | null, reach: Reach): boolean =>
  reach === 'EVERYTHING' || (path !== null && reach.some((scopeId) => path.includes(scopeId)));

/** Whether an event is visible; one of an unknown noun is not. */
export function seesEvent({ reach, byNoun }: EventVisibility, { type, scopePath }: Event): boolean {
  const ofNoun = byNoun.get(nounOf(type));
  return ofNoun !== undefined && within(scopePath, reach) && within(scopePath, ofNoun);
}
