import type { Page, PageArgs } from '../../core/page.js';
import type { Reach } from '../access/access-set.js';
import type { RequestLog, RequestLogFilter } from './request-log.js';

/** Reads request logs. */
export interface RequestLogStore {
  /** One request within the reach; null when it is not, or no longer, in the log. */
  find(id: string, reach: Reach): Promise<RequestLog | null>;
  /** A page of what lies within the reach, newest first. Error: BAD_USER_INPUT for paging arguments that are not accepted. */
  list(filter: RequestLogFilter, args: PageArgs, reach: Reach): Promise<Page<RequestLog>>;
  /** Verifications in a span of time that are counted, but whose rows were left out; by whole minutes. */
  leftOut(at: RequestLogFilter['at']): Promise<number>;
}
