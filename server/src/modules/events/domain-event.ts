import type { Environment } from '@keywright/schema/environment';
import type { EventType } from '@keywright/schema/event-types';
import type { Actor } from '../access/decide/actor.js';
import type { EventPayloads } from './event-payloads.js';

/** Kinds of objects that events are about. */
export const SUBJECT_TYPES = [
  'ApiKey',
  'AuditLog',
  'Invitation',
  'Permission',
  'Role',
  'RouteRule',
  'Scope',
  'ServiceAccount',
  'Session',
  'Settings',
  'User',
] as const;

/** Kind of an object that an event is about. */
export type SubjectType = (typeof SUBJECT_TYPES)[number];

/** The object that an event is about, with its name at that time. */
export interface Subject {
  readonly type: SubjectType;
  readonly id: string | null;
  readonly name: string | null;
  /** Environment of a key; absent for objects that belong to none. */
  readonly environment?: Environment;
  /** Scopes of the event: users who can read the audit log there see it. Absent or the root: the whole installation. */
  readonly scopeIds?: readonly string[];
}

interface EventOf<T extends EventType> {
  readonly type: T;
  readonly subject: Subject;
  readonly changes: EventPayloads[T];
}

/** Something that happened in a transaction: of one type, or of any type of the closed union. */
export type DomainEvent<T extends EventType = EventType> = { readonly [K in T]: EventOf<K> }[T];

/** Who caused an event. */
export interface Cause {
  readonly actor: Actor;
  /** IP address of the request; null without one. */
  readonly ip: string | null;
}

/** An event with its identity and cause. */
export type RecordedEvent<T extends EventType = EventType> = DomainEvent<T> &
  Cause & {
    /** ID of the audit event. */
    readonly id: string;
    readonly at: Date;
  };

/** An event with the payload of its type. */
export const domainEvent = <T extends EventType>(
  type: T,
  subject: Subject,
  changes: EventPayloads[T],
): DomainEvent => ({ type, subject, changes }) as DomainEvent;
