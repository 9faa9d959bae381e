import { randomUUID } from 'node:crypto';

/** The channel on which a process notifies itself. */
export const NOTIFICATION_TEST_CHANNEL = 'keywright_hearing';
const HEARD_WITHIN_MS = 1000;
/** One notification can arrive late on a busy machine. */
const TRIES = 2;

/** Tests whether notifications arrive by sending one to itself. */
export class NotificationTest {
  private expected: string | undefined;
  private settle: ((heard: boolean | null) => void) | undefined;

  constructor(private readonly notify: (payload: string) => Promise<unknown>) {}

  /** Whether the notification arrived; null if it could not be sent. */
  async run(): Promise<boolean | null> {
    for (let tries = 1; ; tries++) {
      const heard = await this.attempt();
      if (heard !== false || tries === TRIES) return heard;
    }
  }

  /** Receives a notification. */
  receive(payload: string): void {
    if (payload === this.expected) this.settle?.(true);
  }

  /** Cancels a test in progress, without a result. */
  cancel(): void {
    this.settle?.(null);
  }

  private async attempt(): Promise<boolean | null> {
    const payload = randomUUID();
    this.expected = payload;
    let timer: NodeJS.Timeout | undefined;
    const heard = new Promise<boolean | null>((resolve) => {
      this.settle = resolve;
      this.notify(payload).then(
        () => (timer = setTimeout(() => resolve(false), HEARD_WITHIN_MS)),
        () => resolve(null),
      );
    });
    return heard.finally(() => clearTimeout(timer));
  }
}
