import type { DirectoryIds } from '../access/decide/directory-store.js';
import type { AuditMark, DatabasePosition } from './database-history.js';
import type { KeyRecord } from './indexed-key.js';

/** Ids of what changed, by kind. */
export interface ChangedIds extends DirectoryIds {
  readonly apiKeys: readonly string[];
  /**
   * The keys among these that were edited; changes of the others are maintenance, which subscribers are not notified
   * of.
   */
  readonly editedApiKeys: readonly string[];
  /** Whether any route rule or the default for unmatched requests changed. */
  readonly routeRules: boolean;
}

/** Whether anything changed that key rights derive from, other than the keys themselves. */
export const touchesDirectory = ({ scopes, roles, serviceAccounts }: ChangedIds): boolean =>
  scopes.length + roles.length + serviceAccounts.length > 0;

/** Changes that became visible since a snapshot. */
export interface Changes {
  /** The snapshot that the changes were read in; the next cursor. */
  readonly snapshot: string;
  readonly position: DatabasePosition;
  readonly ids: ChangedIds;
  /** Age of the oldest change in seconds; null if there are none. */
  readonly lagSeconds: number | null;
}

/** The change feed of the database. */
export interface ChangeSource {
  /**
   * Everything that committed after the snapshot, in any order; without a snapshot, only the current position.
   * Reports whether the audit log still has the mark. Error: {@link StandbyError} if the primary is not reached.
   */
  read(after: string | null, audit: AuditMark | null): Promise<Changes>;
  /** Deletes changes of transactions before `xmin`, which every reader has seen, and anything older than a day. */
  prune(xmin: bigint): Promise<void>;
}

/** Reads keys for the index. */
export interface KeyLoader {
  /** All keys in chunks. */
  loadAll(): AsyncIterable<readonly KeyRecord[]>;
  load(apiKeyIds: readonly string[]): Promise<readonly KeyRecord[]>;
}
