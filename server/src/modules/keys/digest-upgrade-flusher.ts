import type { DigestUpgrade, DigestUpgrades } from './digest-upgrade.js';

const EVERY_MS = 2000;
const BATCH = 500;

/** Replaces digests with upgraded ones. */
export interface DigestUpgradeWriter {
  /** Writes the upgrades whose old digest is still stored; skips the others. */
  write(upgrades: readonly DigestUpgrade[]): Promise<void>;
}

/** Writes waiting digests every two seconds, in batches; failures are retried. */
export class DigestUpgradeFlusher {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private broken = false;

  constructor(
    private readonly upgrades: DigestUpgrades,
    private readonly writer: DigestUpgradeWriter,
    private readonly log: (message: string, error?: unknown) => void,
  ) {}

  /** Starts writing. */
  start(): void {
    this.timer = setInterval(() => void this.flush(), EVERY_MS);
    this.timer.unref();
  }

  /** Writes what is left once and stops; anything not written is upgraded on its next use. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
    await this.flush();
  }

  /** Writes everything that is waiting, until a batch fails. */
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
        if (!this.broken) this.log('Keys could not be moved to the current pepper.', error);
        this.broken = true;
        return;
      }
      this.broken = false;
      this.upgrades.done(batch);
    }
  }
}
