import type { KeyObject } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { StartError } from '../../config/start-error.js';
import type { Clock } from '../../core/clock.js';
import { LicenseFault, openLicense } from './license-token.js';
import type { SignedLicense } from './license.js';

/** Minimum interval between two checks of the file. */
const LOOK_EVERY_MS = 2000;
const MAX_BYTES = 16 * 1024;

export interface LicenseFileDeps {
  readonly path: string;
  readonly publicKey: KeyObject;
  /** Monotonic. */
  readonly clock: Clock;
  readonly log: (message: string, error?: unknown) => void;
}

/** Identifies a version of the file; an unreadable file counts as a version too. */
async function versionOf(path: string): Promise<string> {
  try {
    const { ino, mtimeMs, ctimeMs, size } = await stat(path);
    return [ino, mtimeMs, ctimeMs, size].join(' ');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}

async function read(path: string, publicKey: KeyObject): Promise<SignedLicense> {
  let text: string;
  try {
    const about = await stat(path);
    if (!about.isFile() || about.size > MAX_BYTES) {
      throw new LicenseFault(`it is not a file of at most ${MAX_BYTES} bytes`);
    }
    text = await readFile(path, 'latin1');
  } catch (cause) {
    if (cause instanceof LicenseFault) throw cause;
    throw new LicenseFault(`it cannot be read: ${(cause as Error).message}`, { cause });
  }
  return openLicense(text.replace(/\r?\n$/, ''), publicKey);
}

/** The license in a file: read at startup, and again after the file changes. */
export class LicenseFile {
  private lookedAtMs: number;
  private looking: Promise<void> | undefined;

  private constructor(
    private readonly deps: LicenseFileDeps,
    private version: string,
    private license: SignedLicense,
  ) {
    this.lookedAtMs = deps.clock.now();
  }

  /** Reads the file. Error: {@link StartError}, which names the file. */
  static async open(deps: LicenseFileDeps): Promise<LicenseFile> {
    const { path, publicKey } = deps;
    const version = await versionOf(path);
    try {
      return new LicenseFile(deps, version, await read(path, publicKey));
    } catch (cause) {
      throw new StartError(`The license ${path} is rejected: ${(cause as Error).message}.`, { cause });
    }
  }

  /** The current license of the file, at most a few seconds old; the last valid one while the file is broken. */
  async current(): Promise<SignedLicense> {
    if (this.looking || this.deps.clock.now() - this.lookedAtMs >= LOOK_EVERY_MS) {
      this.looking ??= this.look().finally(() => (this.looking = undefined));
      await this.looking;
    }
    return this.license;
  }

  private async look(): Promise<void> {
    const { path, publicKey, clock, log } = this.deps;
    // Read the version before the content: a concurrent write then counts as a new version.
    const version = await versionOf(path);
    if (version !== this.version) {
      this.version = version;
      try {
        this.license = await read(path, publicKey);
      } catch (error) {
        log(
          `The license ${path} is rejected: ${(error as Error).message}. The license read before stays in force.`,
        );
      }
    }
    this.lookedAtMs = clock.now();
  }
}
