import type { UnitOfWork } from '../../core/unit-of-work.js';
import type { Principal } from '../access/decide/principal.js';
import type { DomainEvent } from './domain-event.js';

/** Executes changes on behalf of an authenticated caller and records their events. */
export type Changes = UnitOfWork<Principal, DomainEvent>;
