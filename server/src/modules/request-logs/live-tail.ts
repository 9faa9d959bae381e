import type { Clock } from '../../core/clock.js';
import type { AccessSet } from '../access/access-set.js';
import { mayHear, type Located } from '../access/located.js';
import type { Select } from '../../core/live-bus.js';
import { matches, type RequestLog, type RequestLogFilter } from './request-log.js';

/** Topic of the live tail: each {@link LocatedLog} as it is committed. */
export const REQUEST_LOG_TOPIC = 'requestLogs';

/** A row as it is published, with where its key lies. */
export type LocatedLog = RequestLog & Located;

/** Rows a second that one subscriber gets at most. */
const MAX_PER_SECOND = 50;

/** What one subscriber gets: the rows that match, at most 50 in a second; the rest of that second is left out. */
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
