import type { Directory } from '../access/decide/directory.js';
import { grantsForAudit } from '../access/decide/grant.js';
import { domainEvent, type DomainEvent, type Subject } from '../events/domain-event.js';
import type { KeySettings, KeySwitch, NewKeyFields } from '../events/event-payloads.js';
import { anyChanged, differences, initialValues, type Changed } from '../events/field-changes.js';
import type { KeyChanges, NewKey } from './key-store.js';
import type { ApiKey } from './key.js';

/** Fields of a key that an update can change. */
export type KeyUpdate = KeySettings & KeySwitch & { readonly locked: boolean };

const shown = <T extends { readonly expiresAt?: Date | null }>({ expiresAt, ...rest }: T) => ({
  ...rest,
  ...(expiresAt === undefined ? {} : { expiresAt: expiresAt?.toISOString() ?? null }),
});

/** Everything that a new key was given. */
export const describeNew = (
  directory: Directory,
  { grants, expiresAt, ...rest }: NewKey,
): Changed<NewKeyFields> =>
  initialValues({
    ...rest,
    expiresAt: expiresAt?.toISOString() ?? null,
    grants: grantsForAudit(directory, grants),
  });

/** The fields whose values actually differ. */
export function describeChanges(key: ApiKey, changes: KeyChanges): Changed<KeyUpdate> {
  const fields = Object.keys(changes) as (keyof KeyChanges)[];
  const before = Object.fromEntries(fields.map((field) => [field, key[field]])) as KeyChanges;
  return differences(shown(before), shown(changes)) as Changed<KeyUpdate>;
}

/** A key as the subject of an event. */
export const keySubject = ({
  id,
  name,
  environment,
  scopeId,
}: Pick<ApiKey, 'id' | 'name' | 'environment' | 'scopeId'>): Subject => ({
  type: 'ApiKey',
  id,
  name,
  environment,
  scopeIds: [scopeId],
});

/** The events of an update: one for its settings, and one for each switch that it moved. */
export function updateEvents(
  key: ApiKey,
  { enabled, disabledWithUser, locked, ...settings }: Changed<KeyUpdate>,
): DomainEvent[] {
  const subject = keySubject(key);
  const events: DomainEvent[] = [];
  if (anyChanged(settings)) events.push(domainEvent('api_key.updated', subject, settings));
  if (locked)
    events.push(domainEvent(locked.after ? 'api_key.locked' : 'api_key.unlocked', subject, { locked }));
  if (enabled || disabledWithUser) {
    const type = enabled?.after ? 'api_key.enabled' : 'api_key.disabled';
    const changes = { ...(enabled ? { enabled } : {}), ...(disabledWithUser ? { disabledWithUser } : {}) };
    events.push(domainEvent(type, subject, changes));
  }
  return events;
}
