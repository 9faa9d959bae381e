import type { DataSource } from 'typeorm';
import type { Clock } from '../../core/clock.js';
import type { Emitter } from '../../core/events.js';
import type { Module } from '../access/decide/module.js';
import type { KeyStore } from '../keys/key-store.js';
import { KeyUsageResolver } from './key-usage.resolver.js';
import type { LiveUsage } from './live-usage.js';
import { TrendCache } from './trend-cache.js';
import { PostgresUsageStore } from './usage-store.postgres.js';
import { UsageTicker, type UsageTick } from './usage-ticker.js';
import { UsageResolver } from './usage.resolver.js';

export interface UsageDeps {
  readonly dataSource: DataSource;
  readonly clock: Clock;
  readonly monotonicClock: Clock;
  readonly keys: KeyStore;
  /** Committed usage of all processes. */
  readonly live: Emitter<LiveUsage>;
  /** Notifies subscribers. */
  readonly publish: (ticks: readonly UsageTick[]) => void;
}

/** Usage of keys, including live updates. */
export function createUsage({ dataSource, clock, monotonicClock, keys, live, publish }: UsageDeps) {
  const store = new PostgresUsageStore(dataSource);
  const trends = new TrendCache(monotonicClock);
  const ticker = new UsageTicker(clock, publish);
  live.on(({ counts }) => {
    ticker.add(counts);
    trends.forget(counts.map(({ apiKeyId }) => apiKeyId));
  });
  return {
    resolvers: [new KeyUsageResolver(store, trends, clock), new UsageResolver(store, keys)],
    close: () => ticker.close(),
  } satisfies Module;
}
