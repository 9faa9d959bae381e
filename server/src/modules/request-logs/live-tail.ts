import type { Clock } from '../../core/clock.js';
import type { Select } from '../../core/live-bus.js';
import { matches, type RequestLog, type RequestLogFilter } from './request-log.js';

/** Topic of the live tail: each {@link RequestLog} as it is committed. */
export const REQUEST_LOG_TOPIC = 'requestLogs';

/** Rows a second that one subscriber gets at most. */
const MAX_PER_SECOND = 50;

/** What one subscriber gets: the rows that match, at most 50 in a second; the rest of that second is left out. */
export function tailOf(filter: RequestLogFilter, clock: Clock): Select {
  let second = -1;
  let left = 0;
  return (payload) => {
    const now = Math.floor(clock.now() / 1000);
    if (now !== second) {
      second = now;
      left = MAX_PER_SECOND;
    }
    const row = payload as RequestLog;
    if (left === 0 || !matches(filter, row)) return [];
    left--;
    return [row];
  };
}
