import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What lists of keys are sorted by usage with, written once a minute at most: an index on counts that change twice a second
 * grows to many times its size and makes every count an index write.
 */
export class UsageOrder1796000450000 implements MigrationInterface {
  name = 'UsageOrder1796000450000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `alter table api_key_usage add column order_total bigint not null default 0, add column order_last_used_at timestamptz`,
    );
    await runner.query(`alter table api_key_usage set (fillfactor = 75)`);
    await runner.query(
      `update api_key_usage set order_total = total, order_last_used_at = last_used_at
       where total <> 0 or last_used_at is not null`,
    );
    await runner.query(`drop index api_key_usage_by_total`);
    await runner.query(`drop index api_key_usage_by_last_used`);
    await runner.query(
      `create index api_key_usage_by_order_total on api_key_usage (order_total, api_key_id)`,
    );
    await runner.query(
      `create index api_key_usage_by_order_last_used on api_key_usage
         ((coalesce(order_last_used_at, '-infinity')), api_key_id)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop index api_key_usage_by_order_last_used`);
    await runner.query(`drop index api_key_usage_by_order_total`);
    await runner.query(
      `create index api_key_usage_by_last_used on api_key_usage ((coalesce(last_used_at, '-infinity')), api_key_id)`,
    );
    await runner.query(`create index api_key_usage_by_total on api_key_usage (total, api_key_id)`);
    await runner.query(`alter table api_key_usage reset (fillfactor)`);
    await runner.query(`alter table api_key_usage drop column order_last_used_at, drop column order_total`);
  }
}
