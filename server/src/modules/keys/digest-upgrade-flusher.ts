import type { DigestUpgrade, DigestUpgrades } from './digest-upgrade.js';

const EVERY_MS = 2000;
const BATCH = 500;

/** Writes digests in place of older ones. */
export interface DigestUpgradeWriter {
  /** Writes those whose older digest is still there; the others are left alone. */
  write(upgrades: readonly DigestUpgrade[]): Promise<void>;
}

/** Writes the digests that wait every two seconds, in batches; what fails is tried again. */
export class DigestUpgradeFlusher {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private broken = false;

  constructor(
    private readonly upgrades: DigestUpgrades,
    private readonly writer: DigestUpgradeWriter,
    private readonly log: (message: string, error?: unknown) => void,
  ) {}

  /** Begins to write. */
  start(): void {
    this.timer = setInterval(() => void this.flush(), EVERY_MS);
    this.timer.unref();
  }

  /** Writes what is left once, and stops; whatever could not be written comes again when it is next used. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
    await this.flush();
  }

  /** Writes everything that waits, until a batch fails. */
  flush(): Promise<void> {
    this.running ??= this.writeAll().finally(() => (this.running = undefined));
    return this.running;
  }

  private async writeAll(): Promise<void> {
    while (this.upgrades.size > 0) {
      const batch = this.upgrades.next(BATCH);
      try {
        await this.writer.write(batch);
      } catch (error) {
        if (!this.broken) this.log('Keys cannot be moved to the current pepper just now.', error);
        this.broken = true;
        return;
      }
      this.broken = false;
      this.upgrades.done(batch);
    }
  }
}
