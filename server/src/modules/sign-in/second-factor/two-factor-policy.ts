import type { Principal } from '../../access/decide/principal.js';
import type { ChangeRunner, Noted } from '../../audit/change-runner.js';
import type { InstallationStore } from '../set-up/installation-store.postgres.js';
import type { SessionService } from '../sessions/session-service.js';

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

/** The policy that password sign-ins require a second factor. */
export class TwoFactorPolicy {
  constructor(private readonly deps: TwoFactorPolicyDeps) {}

  /** Whether the policy is enabled. */
  required(): Promise<boolean> {
    return this.deps.installation.twoFactorRequired();
  }

  /**
   * Enables or disables the policy. It takes effect immediately for sessions of this process, and within a second
   * elsewhere.
   */
  async set(required: boolean, by: Principal): Promise<void> {
    const { sessions, installation, changes } = this.deps;
    try {
      await changes.apply(
        by,
        async (manager) => {
          const changed = await installation.setTwoFactorRequired(manager, required);
          return { value: undefined, noted: changed ? noted(required) : null };
        },
        // Once the policy is on, users without a second factor can do nothing, including the one who enables it.
        (manager) => installation.lock(manager),
      );
    } finally {
      sessions.forget();
    }
  }
}
