import type { MigrationInterface } from 'typeorm';

/** A change of the schema that says which versions of Keywright can work with the result. */
export interface KeywrightMigration extends MigrationInterface {
  /** Oldest version that still runs on the migrated database; every version since {@link FIRST_VERSION} when absent. */
  readonly oldestVersion?: string;
}

/** The version that the first databases were made by. */
export const FIRST_VERSION = '0.1.0';

/** A migration that a database has had, as it was recorded there. */
export interface RanMigration {
  readonly name: string;
  /** null: it was made before versions were recorded, or not recorded. */
  readonly oldestVersion: string | null;
}

const VERSION_PATTERN = /^(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?$/;

/** Whether a version is the given one or a later one; a text that is no version is neither. */
export function isAtLeast(version: string, oldest: string): boolean {
  const [own, needed] = [VERSION_PATTERN.exec(version), VERSION_PATTERN.exec(oldest)];
  if (!own || !needed) return false;
  for (const part of [1, 2, 3]) {
    const difference = Number(own[part]) - Number(needed[part]);
    if (difference !== 0) return difference > 0;
  }
  // A pre-release comes before its release; of two, only the same one is sure to be enough.
  return own[4] === undefined || own[4] === needed[4];
}

/**
 * Why this version must not run on a database that had these migrations which it does not know; null when it may: each of
 * them says that it runs.
 */
export function downgradeFault(version: string, unknown: readonly RanMigration[]): string | null {
  const tooNew = unknown.filter(({ oldestVersion }) => !oldestVersion || !isAtLeast(version, oldestVersion));
  if (tooNew.length === 0) return null;
  const needed = tooNew.flatMap(({ oldestVersion }) => oldestVersion ?? []);
  const newest = needed.reduce((most, each) => (isAtLeast(each, most) ? each : most), FIRST_VERSION);
  const hint = needed.length === 0 ? 'the version that it was used with' : `${newest} or newer`;
  return `This database belongs to a newer Keywright, and ${version} does not run on it. Start ${hint}, or restore the backup that was made before the upgrade.`;
}
