/** Where a load goes and what each request says; only the token differs between requests. */
export interface LoadTarget {
  readonly port: number;
  readonly path: string;
  /** Header lines beside host, content type and content length. */
  readonly headers: readonly string[];
  /** The body around the token; absent: a GET, with the token in X-API-KEY. */
  readonly body?: readonly [before: string, after: string];
}

/** One load: as fast as the connections allow, or, with a `rate`, on a fixed clock whatever the server does. */
export interface LoadOrder extends LoadTarget {
  readonly connections: number;
  readonly seconds: number;
  /** Requests per second. */
  readonly rate?: number;
}

/** What came of a load. Latencies are in microseconds, with a rate from the moment that the clock had set. */
export interface LoadResult {
  readonly requests: number;
  readonly perSecond: number;
  /** Answers that were not 200, or did not say that the key is valid. */
  readonly bad: number;
  /** The first of those. */
  readonly firstBad: string | null;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Share of a core that the generator itself took. */
  readonly cores: number;
}

/** What the generator sends back: the result of the order, or why there is none. */
export type LoadReply = { readonly result: LoadResult } | { readonly failure: string };
