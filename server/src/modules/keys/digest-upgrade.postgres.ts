import type { Queries } from '../../core/queries.js';
import type { DigestUpgradeWriter } from './digest-upgrade-flusher.js';
import type { DigestUpgrade } from './digest-upgrade.js';

/**
 * Writes upgraded digests to PostgreSQL. A digest belongs to one secret and one pepper, so if the old digest is still
 * stored, nothing has changed since: no new secret, no revocation, no upgrade by another process. Locked rows are
 * skipped and retried on the next use.
 */
export class PostgresDigestUpgradeWriter implements DigestUpgradeWriter {
  constructor(private readonly queries: Queries) {}

  async write(upgrades: readonly DigestUpgrade[]): Promise<void> {
    await this.queries.query(
      `with wanted as (
         select * from unnest($1::text[], $2::bytea[], $3::int[], $4::bytea[], $5::int[])
           as w (id, digest, pepper_id, old_digest, old_pepper_id)),
       held as (
         select k.id from api_key k join wanted w on w.id = k.id order by k.id for no key update of k skip locked)
       update api_key k set secret_digest = w.digest, pepper_id = w.pepper_id,
         previous_pepper_id = case when k.previous_digest is not null then coalesce(k.previous_pepper_id, k.pepper_id) end
       from wanted w join held h on h.id = w.id
       where k.id = w.id and k.secret_digest = w.old_digest and k.pepper_id = w.old_pepper_id
         and w.pepper_id > w.old_pepper_id and k.revoked_at is null`,
      [
        upgrades.map(({ apiKeyId }) => apiKeyId),
        upgrades.map(({ digest }) => digest),
        upgrades.map(({ pepperId }) => pepperId),
        upgrades.map(({ before }) => before.digest),
        upgrades.map(({ before }) => before.pepperId),
      ],
    );
  }
}
