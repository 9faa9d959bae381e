import type { DirectoryContent } from './directory.js';

/** Reads what a {@link Directory} holds. */
export interface DirectoryStore {
  /** Everything. */
  loadAll(): Promise<DirectoryContent>;
  /** What is left of these ids. */
  load(ids: DirectoryIds): Promise<DirectoryContent>;
}

/** Ids of what a directory holds, by kind. */
export interface DirectoryIds {
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly serviceAccounts: readonly string[];
}
