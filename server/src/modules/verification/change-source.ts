import type { DirectoryIds } from '../access/directory-store.js';
import type { AuditMark, DatabasePosition } from './database-history.js';
import type { KeyRecord } from './indexed-key.js';

/** What changed, by kind. */
export interface ChangedIds extends DirectoryIds {
  readonly apiKeys: readonly string[];
  /** Of these keys, the ones that somebody changed: the rest is upkeep, which is nobody's news. */
  readonly editedApiKeys: readonly string[];
  /** Whether any route rule changed, or what holds where none matches. */
  readonly routeRules: boolean;
}

/** Whether anything changed that the rights of keys follow from, beside the keys themselves. */
export const touchesDirectory = ({ scopes, roles, serviceAccounts }: ChangedIds): boolean =>
  scopes.length + roles.length + serviceAccounts.length > 0;

/** What became visible since a snapshot. */
export interface Changes {
  /** The snapshot that the changes were read in: the next cursor. */
  readonly snapshot: string;
  readonly position: DatabasePosition;
  readonly ids: ChangedIds;
  /** How long ago the oldest of the changes was made, in seconds; null when there are none. */
  readonly lagSeconds: number | null;
}

/** The feed of changes, as the database keeps it. */
export interface ChangeSource {
  /**
   * Everything that committed after the snapshot, in whatever order; without one, only where the feed stands now. Says of the
   * audit log whether it still has this mark. Error: {@link StandbyError} where the primary is not reached.
   */
  read(after: string | null, audit: AuditMark | null): Promise<Changes>;
  /** Forgets changes of transactions before `xmin`, which every reader has seen, and what is a day old in any case. */
  prune(xmin: bigint): Promise<void>;
}

/** Reads keys for the index. */
export interface KeyLoader {
  /** All keys in chunks. */
  loadAll(): AsyncIterable<readonly KeyRecord[]>;
  /** These keys. */
  load(apiKeyIds: readonly string[]): Promise<readonly KeyRecord[]>;
}
