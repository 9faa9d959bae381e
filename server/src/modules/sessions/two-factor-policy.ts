import type { Principal } from '../access/principal.js';
import type { ChangeRunner, Noted } from '../audit/change-runner.js';
import type { InstallationStore } from './installation-store.postgres.js';
import type { SessionService } from './session-service.js';

/** What the rule works with. */
export interface TwoFactorPolicyDeps {
  readonly installation: InstallationStore;
  readonly sessions: SessionService;
  readonly changes: ChangeRunner;
}

const noted = (required: boolean): Noted => ({
  action: 'settings.update',
  targetType: 'Settings' as const,
  targetId: null,
  targetName: 'Settings',
  changes: { twoFactorRequired: { before: !required, after: required } },
});

/** The rule that everyone who signs in with a password needs a second factor. */
export class TwoFactorPolicy {
  constructor(private readonly deps: TwoFactorPolicyDeps) {}

  /** Whether the rule is on. */
  required(): Promise<boolean> {
    return this.deps.installation.twoFactorRequired();
  }

  /** Turns the rule on or off; it follows at once for sessions here, and within a second elsewhere. */
  async set(required: boolean, by: Principal): Promise<void> {
    const { sessions, installation, changes } = this.deps;
    try {
      await changes.apply(
        by,
        async (manager) => {
          const changed = await installation.setTwoFactorRequired(manager, required);
          return { value: undefined, noted: changed ? noted(required) : null };
        },
        // Who has no second factor may do nothing once the rule is on, the one who turns it on included.
        (manager) => installation.lock(manager),
      );
    } finally {
      sessions.forget();
    }
  }
}
