import type { DataSource } from 'typeorm';
import { deriveSecrets, readMasterKey, type Secrets } from '../config/master-key.js';
import { isKeyId, type CurrentKeyIds } from '../core/key-ring.js';
import { countSealed } from '../core/sealed-rows.js';
import { AuditStore } from '../modules/audit/audit-store.postgres.js';
import { AccessHoldStore } from '../modules/replica/holds/access-hold-store.postgres.js';
import { KeyHoldStore } from '../modules/replica/holds/key-hold-store.postgres.js';
import { explain } from './fault.js';
import { fine, wrong, type Finding } from './finding.js';
import { sealedRowsIn } from './sealed.js';
import { counted } from './words.js';

/** Expiry and signatures depend on clocks with a precision of one second. */
const MAX_CLOCK_DIFFERENCE_MS = 2000;

/** Whether the master key belongs to this database; if so, with the secrets. */
export async function checkMasterKey(
  dataSource: DataSource,
  path: string,
  ids: CurrentKeyIds,
): Promise<{ readonly secrets: Secrets | null; readonly finding: Finding }> {
  const [{ canary }] = (await dataSource.query('select canary from installation')) as [
    { canary: Buffer | null },
  ];
  const bad = (sentence: string) => ({ secrets: null, finding: wrong(sentence) });
  let key: Buffer | undefined;
  try {
    key = await readMasterKey(path);
  } catch (error) {
    return bad(explain(error));
  }
  if (canary === null) {
    return {
      secrets: null,
      finding: fine('This database has no master key until Keywright first starts on it.'),
    };
  }
  if (!key) return bad(`The master key ${path} is missing. Restore it from your backup.`);
  const secrets = deriveSecrets(key, ids);
  return secrets.opens(canary)
    ? { secrets, finding: fine('The master key is the one that this database was set up with.') }
    : bad(
        `The master key ${path} is not the one that this database was set up with. Restore the right one from your backup.`,
      );
}

/** Number of keys per pepper. */
export async function checkPeppers(dataSource: DataSource, { pepperId }: CurrentKeyIds): Promise<Finding[]> {
  const rows: { id: number; keys: number }[] = await dataSource.query(
    `select pepper_id as id, count(*) as keys from api_key where revoked_at is null and kind = 'BEARER'
     group by pepper_id order by pepper_id`,
  );
  return [
    fine(`Pepper ${pepperId} is in use.`),
    ...rows.map(({ id, keys }) => {
      const sentence = `${counted(keys, 'key is', 'keys are')} digested with pepper ${id}`;
      if (!isKeyId(id)) return wrong(`${sentence}, which does not exist; they cannot be verified.`);
      const moves =
        keys === 1
          ? 'and moves to the current pepper when it is next used'
          : 'and move to the current pepper when they are next used';
      return fine(id < pepperId ? `${sentence}, ${moves}.` : `${sentence}.`);
    }),
  ];
}

/** Whether every sealed secret opens, and the number of secrets per encryption key. */
export async function checkSealed(
  dataSource: DataSource,
  secrets: Secrets,
  { encryptionKeyId }: CurrentKeyIds,
): Promise<Finding[]> {
  const findings = [fine(`Encryption key ${encryptionKeyId} is in use.`)];
  for (const rows of sealedRowsIn(dataSource)) {
    const { byKey, broken } = await countSealed(rows, secrets.boxFor(rows.purpose));
    for (const [id, n] of [...byKey].sort(([a], [b]) => a - b)) {
      const older = id < encryptionKeyId ? '; run keywright rotate encryption-key to reseal them' : '';
      findings.push(fine(`Sealed with encryption key ${id}: ${n} ${rows.name}${older}.`));
    }
    if (broken > 0) {
      findings.push(wrong(`Of the ${rows.name}, ${broken} cannot be opened with this master key.`));
    }
  }
  if (findings.every(({ good }) => good)) findings.push(fine('All sealed secrets can be opened.'));
  return findings;
}

/** Whether the hash chain of the audit log is intact. */
export async function checkAudit(dataSource: DataSource): Promise<Finding[]> {
  const { intact, checked, firstBrokenId } = await new AuditStore(dataSource).verify();
  if (intact) return [fine(`The audit log is intact: ${counted(checked, 'event')}.`)];
  return [
    wrong(
      firstBrokenId === null
        ? 'The audit log is not intact: events are missing at the end.'
        : `The audit log is not intact: the hash chain breaks at ${firstBrokenId}.`,
    ),
  ];
}

/** Whether holds exist on keys, or on the sources of their access, because a restored database lost changes. */
export async function checkHolds(dataSource: DataSource): Promise<Finding[]> {
  const keys = (await new KeyHoldStore(dataSource).list()).map(
    ({ apiKeyId, apiKeyName, reasons }) => ['key', apiKeyName, apiKeyId, reasons] as const,
  );
  const others = (await new AccessHoldStore(dataSource).list()).map(
    ({ target, targetName, targetId, reasons }) =>
      [target.replace('_', ' '), targetName, targetId, reasons] as const,
  );
  const holds = [...keys, ...others];
  if (holds.length === 0) return [fine('Nothing is on hold after a restore.')];
  return holds.map(([what, name, id, reasons]) =>
    wrong(
      what === 'route rules'
        ? 'The database lost changes to the route rules. The earlier rules stay in force; apply or release them on the Processes page.'
        : `The database lost changes to the ${what} ${JSON.stringify(name)} (${id}): ${reasons.join(', ')}. The earlier restrictions stay in force; apply or release them on the Processes page.`,
    ),
  );
}

/** Difference between the clocks of this machine and the database. */
export async function checkClock(dataSource: DataSource): Promise<Finding[]> {
  const before = Date.now();
  const [{ ms }] = (await dataSource.query(
    'select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms',
  )) as [{ ms: number }];
  // The database read its clock between the two readings here.
  const difference = Math.round(Math.abs((before + Date.now()) / 2 - ms));
  const sentence = `The clocks of this machine and the database differ by ${difference} ms`;
  return [
    difference <= MAX_CLOCK_DIFFERENCE_MS
      ? fine(`${sentence}.`)
      : wrong(`${sentence}. Synchronize both with a time server; the expiry of keys depends on them.`),
  ];
}
