import type { DirectoryContent } from './directory.js';

/** Reads the content of a {@link Directory}. */
export interface DirectoryStore {
  /** Loads everything. */
  loadAll(): Promise<DirectoryContent>;
  /** Loads the entries with these ids that still exist. */
  load(ids: DirectoryIds): Promise<DirectoryContent>;
}

/** Ids of directory entries, by kind. */
export interface DirectoryIds {
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly serviceAccounts: readonly string[];
}
