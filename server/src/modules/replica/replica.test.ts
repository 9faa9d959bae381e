import { describe, expect, it } from 'vitest';
import { directoryOf } from '../access/decide/access.fixture.js';
import { RouteRuleSet } from '../route-rules/route-rule-set.js';
import type { NoMatch, RouteRules } from '../route-rules/route-rule.js';
import type { ChangedIds } from './change-source.js';
import { KeyIndex } from './key-index.js';
import { Replica } from './replica.js';

const NOTHING: ChangedIds = {
  apiKeys: [],
  editedApiKeys: [],
  scopes: [],
  roles: [],
  serviceAccounts: [],
  routeRules: false,
};

/** A replica whose database has these rules. */
function following(initial: NoMatch) {
  const directory = directoryOf();
  const routes = new RouteRuleSet();
  const content = { scopes: [], roles: [], serviceAccounts: [] };
  const database = { rules: { rules: [], noMatch: initial } as RouteRules, away: false, reads: 0 };
  const replica = new Replica({
    index: new KeyIndex(directory),
    directory,
    keys: { async *loadAll() {}, load: async () => [] },
    entries: { loadAll: async () => content, load: async () => content },
    routes,
    routeRules: {
      load: async () => {
        database.reads += 1;
        if (database.away) throw new Error('away');
        return database.rules;
      },
    },
  });
  const access = () => routes.table.match('PRODUCTION', 'GET', { segments: ['a'], query: '' }).access;
  return { replica, database, access };
}

describe('route rules in the replica', () => {
  it('reject everyone before they are loaded', async () => {
    const { replica, access } = following('ANY_KEY');
    expect(access()).toBe('NOBODY');
    await replica.reload();
    expect(access()).toBe('ANY_KEY');
  });

  it('are reloaded when they changed, and only then', async () => {
    const { replica, database, access } = following('DENY');
    await replica.reload();
    database.rules = { rules: [], noMatch: 'ANY_KEY' };
    expect(await replica.apply(NOTHING)).toBe(false);
    expect([database.reads, access()]).toEqual([1, 'NOBODY']);
    expect(await replica.apply({ ...NOTHING, routeRules: true })).toBe(true);
    expect([database.reads, access()]).toEqual([2, 'ANY_KEY']);
  });

  it('keep working unchanged while the database is unreachable', async () => {
    const { replica, database, access } = following('ANY_KEY');
    await replica.reload();
    database.away = true;
    await expect(replica.apply({ ...NOTHING, routeRules: true })).rejects.toThrow('away');
    expect(access()).toBe('ANY_KEY');
  });
});
