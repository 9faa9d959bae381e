import type { Page, PageArgs } from '../../core/page.js';
import type { Reach } from '../access/access-set.js';
import type { RequestLog, RequestLogFilter } from './request-log.js';

/** The log is read from its newest row back, so a page can only be followed by an older one. */
export type LogPageArgs = Pick<PageArgs, 'first' | 'after'>;

/** A page of request logs, newest first. */
export interface RequestLogPage extends Page<RequestLog> {
  /** How far back a search that ran out of time looked; null when the page is full or the log is searched to its end. */
  readonly searchedTo: Date | null;
}

/** Reads request logs. */
export interface RequestLogStore {
  /** One request within the reach; null when it is not, or no longer, in the log. */
  find(id: string, reach: Reach): Promise<RequestLog | null>;
  /** A page of what lies within the reach, newest first. Error: BAD_USER_INPUT for paging arguments that are not accepted. */
  list(filter: RequestLogFilter, args: LogPageArgs, reach: Reach): Promise<RequestLogPage>;
  /** Verifications in a span of time that are counted, but whose rows were left out; by whole minutes. */
  leftOut(at: RequestLogFilter['at']): Promise<number>;
}
