import type { Environment } from '@keywright/schema/environment';
import type { Actor } from '../access/decide/actor.js';
import { ID_PREFIXES } from '../../core/id.js';

/** How many days events can be listed and followed; the audit log keeps them longer. */
export const EVENT_DAYS = 30;

/** An event as it is listed and followed. */
export interface Event {
  readonly id: string;
  readonly at: Date;
  readonly type: string;
  readonly environment: Environment | null;
  readonly actor: Actor;
  readonly subjectType: string;
  readonly subjectId: string | null;
  readonly subjectName: string | null;
  /** The scope of the object. */
  readonly scopeId: string;
  /** All scopes at or above those of the event; null for events of the whole installation. */
  readonly scopePath: readonly string[] | null;
  readonly changeToken: string;
  readonly changes: Readonly<Record<string, { readonly before?: unknown; readonly after: unknown }>>;
}

/** An event with its place in the order of commits. */
export interface CommittedEvent extends Event {
  /** ID of its transaction, in decimal. */
  readonly xid: string;
  /** Order within the transaction, in decimal. */
  readonly seq: string;
}

/** Which events to list; all fields must match. */
export interface EventFilter {
  readonly types?: readonly string[] | null | undefined;
  readonly subjectId?: string | null | undefined;
  readonly environment?: Environment | null | undefined;
  readonly scopeId?: string | null | undefined;
  readonly at?:
    | { readonly from?: Date | null | undefined; readonly to?: Date | null | undefined }
    | null
    | undefined;
}

/** ID of the event that an audit event is a record of. */
export const eventIdOf = (auditEventId: string): string =>
  ID_PREFIXES.event + auditEventId.slice(ID_PREFIXES.auditEvent.length);

/**
 * The payload of an event: what it is about, and the changed fields with their values after the change; their values before
 * it in `previousAttributes`.
 */
export function eventData(
  { subjectId, subjectName, environment, scopeId, actor, changeToken }: Event,
  changes: Event['changes'],
): Record<string, unknown> {
  const fields = Object.entries(changes);
  const before = fields.filter(([, change]) => change.before != null);
  return {
    id: subjectId,
    name: subjectName,
    environment,
    scopeId,
    ...Object.fromEntries(fields.map(([name, { after }]) => [name, after])),
    actor,
    changeToken,
    ...(before.length > 0 && {
      previousAttributes: Object.fromEntries(before.map(([name, change]) => [name, change.before])),
    }),
  };
}
