import type { Clock } from '../../core/clock.js';
import type { AccessSet } from '../access/decide/access-set.js';
import { mayHear, type Located } from '../access/decide/located.js';
import type { Select } from '../../core/live-bus.js';
import { matches, type RequestLog, type RequestLogFilter } from './request-log.js';

/** Topic of the live tail: each {@link LocatedLog} as it is committed. */
export const REQUEST_LOG_TOPIC = 'requestLogs';

/** A published row with the scope of its key. */
export type LocatedLog = RequestLog & Located;

/** Maximum number of rows per second for one subscriber. */
const MAX_PER_SECOND = 50;

/** The rows that one subscriber receives: those that match, at most 50 a second; the rest of that second is dropped. */
export function tailOf(filter: RequestLogFilter, access: AccessSet, clock: Clock): Select {
  let second = -1;
  let left = 0;
  return (payload) => {
    const now = Math.floor(clock.now() / 1000);
    if (now !== second) {
      second = now;
      left = MAX_PER_SECOND;
    }
    const row = payload as LocatedLog;
    if (left === 0 || !matches(filter, row) || !mayHear(access, 'keywright.logs.read', row)) return [];
    left--;
    return [row];
  };
}
