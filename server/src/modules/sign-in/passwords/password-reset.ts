import type { Clock } from '../../../core/clock.js';
import type { InTransaction } from '../../../core/transaction.js';
import { SYSTEM_ACTOR } from '../../access/decide/actor.js';
import type { EventRecorder } from '../../events/event-recorder.js';
import type { PasswordLinkStore } from './password-link-store.js';
import { linkCreated, type PasswordLinks } from './password-links.js';
import { mayUsePassword } from '../../users/user.js';
import type { UserStore } from '../../users/user-store.js';
import type { Attempts } from './attempts.js';

/** Maximum number of requests in progress; more are dropped, and the log says so. */
const MAX_UNDER_WAY = 20;

export interface PasswordResetDeps {
  readonly inTransaction: InTransaction;
  readonly clock: Clock;
  readonly users: UserStore;
  readonly links: PasswordLinks;
  readonly store: PasswordLinkStore;
  readonly attempts: Attempts;
  readonly events: EventRecorder;
  /** Whether a mail server is configured. */
  readonly mailEnabled: boolean;
  readonly log: (message: string, error?: unknown) => void;
}

/**
 * Sends links to people who forgot their password. The response never waits for anything that depends on the account.
 */
export class PasswordReset {
  private readonly underWay = new Set<Promise<void>>();

  constructor(private readonly deps: PasswordResetDeps) {}

  /** Accepts the request; any link is sent afterwards. Error: TOO_MANY_ATTEMPTS, for any address. */
  async request(email: string, ip: string | null): Promise<void> {
    const { attempts, mailEnabled, log } = this.deps;
    await attempts.countReset(email, ip);
    if (!mailEnabled) return;
    if (this.underWay.size >= MAX_UNDER_WAY)
      return log('Dropped a request to reset a password: too many requests.');
    const work = this.mail(email, ip)
      .catch((error: unknown) => log('A link to reset a password could not be created.', error))
      .finally(() => this.underWay.delete(work));
    this.underWay.add(work);
  }

  /** Waits for pending messages. */
  async close(): Promise<void> {
    await Promise.all(this.underWay);
  }

  private async mail(email: string, ip: string | null): Promise<void> {
    const { inTransaction, clock, users, links, store, events } = this.deps;
    const found = await users.findCredentials(email);
    if (!found || !mayUsePassword(found.user)) return;
    const { user } = found;
    // An invited user has a link that works for days; a stranger must not be able to replace it.
    const [open] = user.hasPassword ? [] : await store.openOf([user.id], new Date(clock.now()));
    if (open) return;
    const link = await inTransaction(async (tx) => {
      const link = await links.issue(tx, user, SYSTEM_ACTOR);
      await events.record(tx, { actor: SYSTEM_ACTOR, ip }, linkCreated(link));
      return link;
    });
    await links.send(link);
  }
}
