import type { Clock } from '../../core/clock.js';
import type { Sampled } from './usage-event.js';

const SECOND_MS = 1000;
/** Share of the budget that is reserved for accepted verifications. */
const KEPT_FOR_ACCEPTED = 0.1;

/**
 * Decides which verifications get a row in the request log when there are more per second than the budget allows:
 * rejections first, then one in n of each key, where n follows from the previous second. Never keeps more rows than
 * the budget.
 */
export class RowBudget {
  private second = -Infinity;
  private kept = 0;
  private accepted = 0;
  private refused = 0;
  private acceptedStep = 1;
  private refusedStep = 1;
  private readonly unproven: Sampled = { leftOut: 0 };

  /** @param clock Monotonic. */
  constructor(
    private readonly rowsPerSecond: number,
    private readonly clock: Clock,
  ) {}

  /** Whether this verification gets a row; `sampled` is its key, null if none was proven. */
  admit(refused: boolean, sampled: Sampled | null): boolean {
    const second = Math.floor(this.clock.now() / SECOND_MS);
    if (second !== this.second) this.turn(second);
    if (refused) this.refused++;
    else this.accepted++;
    const counter = sampled ?? this.unproven;
    const step = refused ? this.refusedStep : this.acceptedStep;
    if (this.kept >= this.rowsPerSecond || ++counter.leftOut < step) return false;
    counter.leftOut = 0;
    this.kept++;
    return true;
  }

  private turn(second: number): void {
    const idle = second !== this.second + 1;
    const maxRefused = this.rowsPerSecond * (1 - KEPT_FOR_ACCEPTED);
    const left = this.rowsPerSecond - Math.min(this.refused, maxRefused);
    this.refusedStep = idle ? 1 : Math.max(1, Math.ceil(this.refused / maxRefused));
    this.acceptedStep = idle ? 1 : Math.max(1, Math.ceil(this.accepted / left));
    this.second = second;
    this.kept = this.accepted = this.refused = 0;
  }
}
