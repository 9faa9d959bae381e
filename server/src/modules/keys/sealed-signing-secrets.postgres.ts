import type { DataSource } from 'typeorm';
import type { SealedRow, SealedRows } from '../../core/sealed-rows.js';
import { aboutSigningSecret, SIGNING_SECRET_BOX } from './key-secret.js';

/** Between the id of a key and the version of its secret; sorts before any character of an id. */
const SEPARATOR = '/';

const split = (id: string): [keyId: string, secretVersion: number] => {
  const at = id.indexOf(SEPARATOR);
  return [id.slice(0, at), Number(id.slice(at + 1))];
};

/** The sealed secrets of SIGNED keys, current and previous, for re-encryption. */
export class SealedSigningSecrets implements SealedRows {
  readonly name = 'signing secrets';
  readonly purpose = SIGNING_SECRET_BOX;

  constructor(private readonly dataSource: DataSource) {}

  about(id: string): readonly string[] {
    return aboutSigningSecret(...split(id));
  }

  after(id: string, limit: number): Promise<SealedRow[]> {
    return this.dataSource.query(
      `select id, sealed from (
         select id || '${SEPARATOR}' || secret_version as id, sealed_secret as sealed
         from api_key where kind = 'SIGNED'
         union all
         select id || '${SEPARATOR}' || secret_version - 1, previous_sealed_secret
         from api_key where kind = 'SIGNED') secrets
       where sealed is not null and id > $1 order by id limit $2`,
      [id, limit],
    );
  }

  async replace(id: string, before: Buffer, after: Buffer): Promise<void> {
    const [keyId] = split(id);
    await this.dataSource.query(
      `update api_key set
         sealed_secret = case when sealed_secret = $2 then $3 else sealed_secret end,
         previous_sealed_secret = case when previous_sealed_secret = $2 then $3 else previous_sealed_secret end
       where id = $1 and $2 in (sealed_secret, previous_sealed_secret)`,
      [keyId, before, after],
    );
  }
}
