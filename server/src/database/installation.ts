import type { DataSource } from 'typeorm';
import type { CurrentKeyIds } from '../core/key-ring.js';
import { createMasterKey, deriveSecrets, readMasterKey, type Secrets } from '../config/master-key.js';
import { StartError } from '../config/start-error.js';

/** Where the master key comes from. */
export interface MasterKeySource {
  readonly path: string;
  /** Whether a missing master key can be created: only with the embedded database. */
  readonly mayCreate: boolean;
}

/**
 * Reads or creates the master key and checks that this database was set up with it. Error: {@link StartError} if the master
 * key is missing, broken or a different one.
 */
export async function unlockInstallation(
  dataSource: DataSource,
  source: MasterKeySource,
  ids: CurrentKeyIds,
): Promise<Secrets> {
  const [{ canary }] = (await dataSource.query('select canary from installation')) as [
    { canary: Buffer | null },
  ];
  const existing = await readMasterKey(source.path);
  if (!existing && canary) {
    throw new StartError(
      `The master key ${source.path} is missing, and this database was set up with one. Restore it from your backup; without it no key can be verified.`,
    );
  }
  if (!existing && !source.mayCreate) {
    throw new StartError(
      `The master key ${source.path} is missing. With a database of your own, create one first: umask 077; openssl rand -base64 32 > ${source.path}`,
    );
  }
  const secrets = deriveSecrets(existing ?? (await createMasterKey(source.path)), ids);
  if (!secrets.opens(canary ?? (await placeCanary(dataSource, secrets)))) {
    throw new StartError(
      `The master key ${source.path} is not the one that this database was set up with. Restore the right one from your backup.`,
    );
  }
  return secrets;
}

/** Binds a new database to this master key. If several processes start at the same time, one wins and all get its canary. */
async function placeCanary(dataSource: DataSource, secrets: Secrets): Promise<Buffer> {
  const [rows] = (await dataSource.query(
    'update installation set canary = coalesce(canary, $1) returning canary',
    [secrets.seal()],
  )) as [[{ canary: Buffer }], number];
  return rows[0].canary;
}
