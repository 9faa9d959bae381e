import type { Clock } from '../core/clock.js';
import { AppError } from '../core/errors.js';
import type { Principal } from '../modules/access/principal.js';

/** How long a check of a caller holds, in milliseconds. */
const RECHECK_MS = 1000;

/** A caller of something that outlives one request. Checked again, at most once a second, before anything is told. */
export class LiveCaller {
  private checkedAt: number;
  /** What the caller could do when it began; not read from `principal` later, since roles behind it may change. */
  private readonly rights: string;
  private checking: Promise<void> | undefined;

  constructor(
    readonly principal: Principal,
    private readonly refresh: (principal: Principal) => Promise<Principal | null>,
    private readonly clock: Clock,
  ) {
    this.checkedAt = clock.now();
    this.rights = principal.access.fingerprint;
  }

  /** Error: UNAUTHENTICATED once the session has ended, the key is refused, or what the caller may do has changed. */
  async requireLive(): Promise<void> {
    if (Math.abs(this.clock.now() - this.checkedAt) < RECHECK_MS) return;
    this.checking ??= this.check().finally(() => (this.checking = undefined));
    await this.checking;
  }

  private async check(): Promise<void> {
    const now = await this.refresh(this.principal);
    if (!now) throw new AppError('UNAUTHENTICATED', 'The session has ended. Sign in again.');
    if (now.access.fingerprint !== this.rights) {
      throw new AppError('UNAUTHENTICATED', 'What you may do has changed. Subscribe again.');
    }
    this.checkedAt = this.clock.now();
  }
}
