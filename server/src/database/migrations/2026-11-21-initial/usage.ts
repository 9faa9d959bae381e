const BUCKETS = ['minute', 'hour', 'day'] as const;

/**
 * What happened: one request-log row per verification, partitioned by day, and counts by minute, hour and day. An empty
 * `api_key_id` stands for verifications in which no key was proven.
 */
export const usageUp: readonly string[] = [
  ...BUCKETS.flatMap((bucket) => [
    `create table usage_${bucket} (
       api_key_id text collate "C" not null,
       start timestamptz not null,
       environment text not null,
       code text not null,
       count bigint not null,
       primary key (api_key_id, start, environment, code)
     )`,
    `create index usage_${bucket}_start on usage_${bucket} (start)`,
  ]),
  `create table usage_total (
     api_key_id text collate "C" not null,
     code text not null,
     count bigint not null,
     primary key (api_key_id, code)
   )`,
  `create table usage_batch (
     node text not null,
     batch bigint not null,
     at timestamptz not null default now(),
     primary key (node, batch)
   )`,
  `create index usage_batch_at on usage_batch (at)`,

  `create table request_log (
     id text collate "C" not null,
     at timestamptz not null,
     environment text not null,
     api_key_id text collate "C",
     masked_secret text,
     code text not null,
     status smallint not null,
     method text,
     path text,
     permission text,
     scope_id text,
     ip text,
     user_agent text,
     latency_microseconds integer,
     response_status integer,
     response_milliseconds integer,
     request_bytes integer,
     response_bytes integer,
     primary key (at, id)
   ) partition by range (at)`,
  `create index request_log_key on request_log (api_key_id, at, id)`,
];

/** Undoes {@link usageUp}. */
export const usageDown: readonly string[] = [
  'request_log',
  'usage_batch',
  'usage_total',
  ...BUCKETS.map((bucket) => `usage_${bucket}`),
].map((name) => `drop table ${name}`);
