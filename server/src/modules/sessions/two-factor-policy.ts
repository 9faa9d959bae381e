import type { Principal } from '../access/principal.js';
import type { AuditRecorder } from '../audit/audit-recorder.js';
import type { InstallationStore } from './installation-store.postgres.js';
import type { SessionService } from './session-service.js';

/** What the rule works with. */
export interface TwoFactorPolicyDeps {
  readonly installation: InstallationStore;
  readonly sessions: SessionService;
  readonly audit: AuditRecorder;
}

/** The rule that everyone who signs in with a password needs a second factor. */
export class TwoFactorPolicy {
  constructor(private readonly deps: TwoFactorPolicyDeps) {}

  /** Whether the rule is on. */
  required(): Promise<boolean> {
    return this.deps.installation.twoFactorRequired();
  }

  /** Turns the rule on or off; it follows at once for sessions here, and within a second elsewhere. */
  async set(required: boolean, by: Principal): Promise<void> {
    const { sessions, installation, audit } = this.deps;
    await sessions.change(async (manager) => {
      if (!(await installation.setTwoFactorRequired(manager, required))) return;
      await audit.record(manager, {
        actor: by.actor,
        action: 'settings.update',
        targetType: 'settings',
        targetId: null,
        targetName: 'Settings',
        ip: by.ip,
        changes: { twoFactorRequired: { before: !required, after: required } },
      });
    });
  }
}
