/** Target and request of a load; requests differ only in their token. */
export interface LoadTarget {
  readonly port: number;
  readonly path: string;
  /** Header lines in addition to host, content type and content length. */
  readonly headers: readonly string[];
  /** The body around the token; absent: a GET, with the token in X-API-KEY. */
  readonly body?: readonly [before: string, after: string];
}

/** One load: as fast as the connections allow or, with a `rate`, on a fixed clock regardless of the server. */
export interface LoadOrder extends LoadTarget {
  readonly connections: number;
  readonly seconds: number;
  /** Requests per second. */
  readonly rate?: number;
}

/** Result of a load. Latencies are in microseconds; with a rate, they count from the scheduled time. */
export interface LoadResult {
  readonly requests: number;
  readonly perSecond: number;
  /** Responses that were not 200 or did not say that the key is valid. */
  readonly bad: number;
  /** The first of those. */
  readonly firstBad: string | null;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Share of a core that the generator itself used. */
  readonly cores: number;
}

/** The generator's reply: the result of an order, or why there is none. */
export type LoadReply = { readonly result: LoadResult } | { readonly failure: string };
