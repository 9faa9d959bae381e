import type { Page, PageArgs } from '../../core/page.js';
import type { Reach } from '../access/decide/access-set.js';
import type { RequestLog, RequestLogFilter } from './request-log.js';

/** The log is read backwards from its newest row, so a page can only be followed by an older one. */
export type LogPageArgs = Pick<PageArgs, 'first' | 'after'>;

/** A page of request logs, newest first. */
export interface RequestLogPage extends Page<RequestLog> {
  /** How far back a search got that ran out of time; null if the page is full or the whole log was searched. */
  readonly searchedTo: Date | null;
}

/** Reads request logs. */
export interface RequestLogStore {
  /** One request within reach; null if it is not in the log, or no longer. */
  find(id: string, reach: Reach): Promise<RequestLog | null>;
  /** A page of the logs within reach, newest first. Error: BAD_USER_INPUT for invalid paging arguments. */
  list(filter: RequestLogFilter, args: LogPageArgs, reach: Reach): Promise<RequestLogPage>;
  /** Verifications in a time range that are counted but have no row, by whole minutes. */
  leftOut(at: RequestLogFilter['at']): Promise<number>;
}
