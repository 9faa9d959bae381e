import { systemClock } from '../core/clock.js';
import { SYSTEM_ACTOR } from '../modules/access/decide/actor.js';
import { AuditLog } from '../modules/audit/audit-log.postgres.js';
import type { Cause } from '../modules/events/domain-event.js';
import { EventRecorder } from '../modules/events/event-recorder.js';
import { EventLogTable } from '../modules/events/event-log.postgres.js';

/** Records what commands change. */
export const recorder = (): EventRecorder =>
  new EventRecorder([new EventLogTable(), new AuditLog()], systemClock);

/** The cause of what commands change. */
export const OPERATOR: Cause = { actor: SYSTEM_ACTOR, ip: null };
