import type { Page, PageArgs } from '../../core/page.js';
import type { RequestLog, RequestLogFilter } from './request-log.js';

/** Reads request logs. */
export interface RequestLogStore {
  /** One request; null when it is not, or no longer, in the log. */
  find(id: string): Promise<RequestLog | null>;
  /** A page, newest first. Error: BAD_USER_INPUT for paging arguments that are not accepted. */
  list(filter: RequestLogFilter, args: PageArgs): Promise<Page<RequestLog>>;
}
