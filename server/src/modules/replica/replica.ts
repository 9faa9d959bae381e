import type { Directory, DirectoryContent } from '../access/decide/directory.js';
import type { DirectoryStore } from '../access/decide/directory-store.js';
import type { RouteRules } from '../route-rules/route-rule.js';
import type { RouteRuleLoader, RouteRuleSet } from '../route-rules/route-rule-set.js';
import type { ChangedIds, KeyLoader } from './change-source.js';
import type { KeyRecord } from './indexed-key.js';
import { KeyIndex } from './key-index.js';

export interface ReplicaDeps {
  readonly index: KeyIndex;
  readonly directory: Directory;
  readonly keys: KeyLoader;
  readonly entries: DirectoryStore;
  readonly routes: RouteRuleSet;
  readonly routeRules: RouteRuleLoader;
  /** Receives each applied key with its predecessor, what keys derive access from, and route rules. */
  readonly memory?: {
    record(record: KeyRecord, known: KeyRecord | undefined): void;
    recordDirectory(content: DirectoryContent): void;
    recordRoutes(rules: RouteRules): void;
  };
}

/** Everything that verdicts depend on, in memory: keys, what their grants refer to, and route rules. */
export class Replica {
  constructor(private readonly deps: ReplicaDeps) {}

  /** Loads everything into new structures while the old ones keep serving, then swaps them in one step. */
  async reload(): Promise<void> {
    const { index, directory, keys, entries, routes, routeRules, memory } = this.deps;
    const fresh = new KeyIndex(directory);
    for await (const records of keys.loadAll()) {
      for (const record of records) {
        memory?.record(record, index.get(record.id)?.record);
        fresh.apply(record);
      }
    }
    // After the keys, so that everything a key refers to is present.
    const [content, rules] = await Promise.all([entries.loadAll(), routeRules.load()]);
    memory?.recordDirectory(content);
    memory?.recordRoutes(rules);
    directory.replaceWith(content);
    routes.replaceWith(rules);
    index.replaceWith(fresh);
  }

  /** Applies changes; returns whether there were any. */
  async apply(ids: ChangedIds): Promise<boolean> {
    const { index, directory, keys, entries, routes, routeRules, memory } = this.deps;
    const entryIds = [...ids.scopes, ...ids.roles, ...ids.serviceAccounts];
    if (ids.apiKeys.length === 0 && entryIds.length === 0 && !ids.routeRules) return false;
    const records = ids.apiKeys.length > 0 ? await keys.load(ids.apiKeys) : [];
    if (ids.routeRules) {
      const rules = await routeRules.load();
      memory?.recordRoutes(rules);
      routes.replaceWith(rules);
    }
    if (entryIds.length > 0) {
      const content = await entries.load(ids);
      const found = new Set(
        [...content.scopes, ...content.roles, ...content.serviceAccounts].map(({ id }) => id),
      );
      memory?.recordDirectory(content);
      directory.apply({ ...content, removed: entryIds.filter((id) => !found.has(id)) });
    }
    const found = new Set(records.map((record) => record.id));
    for (const id of ids.apiKeys) if (!found.has(id)) index.remove(id);
    for (const record of records) {
      memory?.record(record, index.get(record.id)?.record);
      index.apply(record);
    }
    return true;
  }
}
