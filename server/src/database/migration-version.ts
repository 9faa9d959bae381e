import type { MigrationInterface } from 'typeorm';

/** A migration that states which versions of Keywright can run on its result. */
export interface KeywrightMigration extends MigrationInterface {
  /** Oldest version that still runs on the migrated database; {@link FIRST_VERSION} if absent. */
  readonly oldestVersion?: string;
}

/** The version that created the first databases. */
export const FIRST_VERSION = '0.1.0';

/** A migration that ran on a database, as recorded there. */
export interface RanMigration {
  readonly name: string;
  /** null if it ran before versions were recorded, or recorded none. */
  readonly oldestVersion: string | null;
}

const VERSION_PATTERN = /^(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?$/;

/** Whether `version` is `oldest` or later; false if either is not a version. */
export function isAtLeast(version: string, oldest: string): boolean {
  const [own, needed] = [VERSION_PATTERN.exec(version), VERSION_PATTERN.exec(oldest)];
  if (!own || !needed) return false;
  for (const part of [1, 2, 3]) {
    const difference = Number(own[part]) - Number(needed[part]);
    if (difference !== 0) return difference > 0;
  }
  // A pre-release comes before its release; pre-releases of the same version count only if they are equal.
  return own[4] === undefined || own[4] === needed[4];
}

/**
 * Why this version must not run on a database with migrations that this version does not know; null if every one of them
 * allows this version.
 */
export function downgradeFault(version: string, unknown: readonly RanMigration[]): string | null {
  const tooNew = unknown.filter(({ oldestVersion }) => !oldestVersion || !isAtLeast(version, oldestVersion));
  if (tooNew.length === 0) return null;
  const needed = tooNew.flatMap(({ oldestVersion }) => oldestVersion ?? []);
  const newest = needed.reduce((max, each) => (isAtLeast(each, max) ? each : max), FIRST_VERSION);
  const hint = needed.length === 0 ? 'the version it was last used with' : `${newest} or newer`;
  return `This database belongs to a newer Keywright, and ${version} cannot run on it. Start ${hint}, or restore the backup made before the upgrade.`;
}
