import type { Principal } from '../../access/decide/principal.js';
import type { Changes } from '../../events/changes.js';
import { domainEvent, type DomainEvent } from '../../events/domain-event.js';
import type { InstallationStore } from '../set-up/installation-store.postgres.js';
import type { SessionService } from '../sessions/session-service.js';

export interface TwoFactorPolicyDeps {
  readonly installation: InstallationStore;
  readonly sessions: SessionService;
  readonly changes: Changes;
}

const switched = (required: boolean): DomainEvent =>
  domainEvent(
    'setting.updated',
    { type: 'Settings', id: null, name: 'Settings' },
    { twoFactorRequired: { before: !required, after: required } },
  );

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
        async (tx) => {
          const changed = await installation.setTwoFactorRequired(tx, required);
          return { value: undefined, events: changed ? [switched(required)] : [] };
        },
        // Once the policy is on, users without a second factor can do nothing, including the one who enables it.
        (tx) => installation.lock(tx),
      );
    } finally {
      sessions.forget();
    }
  }
}
