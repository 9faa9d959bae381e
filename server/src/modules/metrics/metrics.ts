import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  Registry,
  type MetricObjectWithValues,
  type MetricValue,
} from 'prom-client';
import { LATENCY_BOUNDS } from '../verification/verification-tally.js';
import type { VerificationTally } from '../verification/verification-tally.js';

const MICROS_A_SECOND = 1_000_000;

/** Sources of the figures; each is read on a scrape and costs nothing otherwise. */
export interface MetricSources {
  readonly tally: VerificationTally;
  /** Single numbers by name: counters that only grow, and gauges. */
  readonly counters: readonly MetricSource[];
  readonly gauges: readonly MetricSource[];
  /** Connections of the management pool by activity; undefined if there is none. */
  readonly pool:
    | (() => { readonly total: number; readonly idle: number; readonly waiting: number })
    | undefined;
}

/** A single number. */
export interface MetricSource {
  readonly name: string;
  readonly help: string;
  readonly read: () => number;
}

/** All metrics for Prometheus. Label values are codes and states, never ids. */
export function createMetrics({ tally, counters, gauges, pool }: MetricSources): Registry {
  const registry = new Registry();
  // Registered by hand, so that none stays in the global registry of the library.
  const registers: Registry[] = [];
  collectDefaultMetrics({ register: registry });
  const add = (metric: Counter | Gauge): void => registry.registerMetric(metric);
  add(
    new Counter({
      name: 'keywright_verifications_total',
      help: 'Verifications by verdict.',
      labelNames: ['code'],
      registers,
      collect() {
        this.reset();
        for (const [code, count] of tally.byCode) this.inc({ code }, count);
      },
    }),
  );
  for (const { name, help, read } of counters) {
    add(
      new Counter({
        name,
        help,
        registers,
        collect() {
          this.reset();
          this.inc(read());
        },
      }),
    );
  }
  for (const { name, help, read } of gauges) {
    add(
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      }),
    );
  }
  if (pool) {
    add(
      new Gauge({
        name: 'keywright_database_connections',
        help: 'Connections of the management pool: total, idle, and requests waiting for one.',
        labelNames: ['state'],
        registers,
        collect() {
          for (const [state, count] of Object.entries(pool())) this.set({ state }, count);
        },
      }),
    );
  }
  registry.registerMetric(latencyOf(tally) as unknown as Gauge);
  return registry;
}

/** The histogram in the form of Prometheus, from counts that are cheaper to keep than those of its library. */
function latencyOf(tally: VerificationTally): {
  name: string;
  get: () => Promise<MetricObjectWithValues<MetricValue<'le'>>>;
} {
  const name = 'keywright_verification_seconds';
  const help = 'Time from the request to the verdict, in seconds.';
  const get = (): Promise<MetricObjectWithValues<MetricValue<'le'>>> => {
    const { buckets, sum } = tally.latency;
    let count = 0;
    const values = buckets.map((inBucket, i) => {
      count += inBucket;
      const le = i < LATENCY_BOUNDS.length ? LATENCY_BOUNDS[i]! / MICROS_A_SECOND : '+Inf';
      return { metricName: `${name}_bucket`, labels: { le }, value: count };
    });
    return Promise.resolve({
      name,
      help,
      type: 'histogram',
      aggregator: 'sum',
      values: [
        ...values,
        { metricName: `${name}_sum`, labels: {}, value: sum / MICROS_A_SECOND },
        { metricName: `${name}_count`, labels: {}, value: count },
      ],
    } as unknown as MetricObjectWithValues<MetricValue<'le'>>);
  };
  return { name, get };
}
