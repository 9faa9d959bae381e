import type { DataSource } from 'typeorm';
import type { MailConfig, OidcSettings } from './config/config.js';
import type { Secrets } from './config/master-key.js';
import { monotonicClock, type Clock } from './core/clock.js';
import type { SessionCookie } from './http/session-cookie.js';
import type { AccessStore } from './modules/access/access-store.postgres.js';
import type { Directory } from './modules/access/directory.js';
import type { HolderBounds } from './modules/access/holder-bounds.js';
import type { ChangeRunner } from './modules/audit/change-runner.js';
import type { AuditRecorder } from './modules/audit/audit-recorder.js';
import { NO_MAILER } from './modules/notifications/mailer.js';
import { SmtpMailer } from './modules/notifications/mailer.smtp.js';
import { invitationMail, passwordLinkMail } from './modules/notifications/password-mail.js';
import { PostgresAttemptStore } from './modules/sessions/attempts.postgres.js';
import { Attempts } from './modules/sessions/attempts.js';
import { PostgresChallengeStore } from './modules/sessions/challenge-store.postgres.js';
import { InstallationStore } from './modules/sessions/installation-store.postgres.js';
import { GroupRoleStore } from './modules/sessions/oidc/group-role-store.postgres.js';
import { GroupRoleResolver } from './modules/sessions/oidc/group-role.resolver.js';
import { GroupRoles } from './modules/sessions/oidc/group-roles.js';
import { ExternalSignIn } from './modules/sessions/oidc/external-sign-in.js';
import { IdentityProvider } from './modules/sessions/oidc/identity-provider.js';
import { PostgresIdentityStore } from './modules/sessions/oidc/identity-store.postgres.js';
import type { OidcDeps } from './modules/sessions/oidc/oidc.route.js';
import { PendingCookie } from './modules/sessions/oidc/pending-sign-in.js';
import { KnownDevices } from './modules/sessions/known-devices.js';
import { OwnPassword } from './modules/sessions/own-account.js';
import { OwnSessionsResolver } from './modules/sessions/own-sessions.resolver.js';
import { OwnerSetUp } from './modules/sessions/owner-set-up.js';
import { PasswordReset } from './modules/sessions/password-reset.js';
import { PasswordHasher } from './modules/sessions/password.js';
import { PasswordResolver } from './modules/sessions/password.resolver.js';
import { Passwords } from './modules/sessions/passwords.js';
import { SECOND_FACTOR_BOX } from './modules/sessions/second-factor-seal.js';
import { SecondFactor } from './modules/sessions/second-factor.js';
import { SessionService } from './modules/sessions/session-service.js';
import { PostgresSessionStore } from './modules/sessions/session-store.postgres.js';
import { SessionResolver } from './modules/sessions/session.resolver.js';
import { SettingsResolver } from './modules/sessions/settings.resolver.js';
import { SignIn } from './modules/sessions/sign-in.js';
import { TwoFactorPolicy } from './modules/sessions/two-factor-policy.js';
import { PostgresTwoFactorStore } from './modules/sessions/two-factor-store.postgres.js';
import { TwoFactor } from './modules/sessions/two-factor.js';
import { TwoFactorResolver } from './modules/sessions/two-factor.resolver.js';
import { ViewerResolver, type InstallationInfo } from './modules/sessions/viewer.resolver.js';
import { InvitationAcceptance } from './modules/users/invitation-acceptance.js';
import { InvitationResolver } from './modules/users/invitation.resolver.js';
import { InvitationStore } from './modules/users/invitation-store.postgres.js';
import { Invitations } from './modules/users/invitations.js';
import { Issuers, type KeyNow } from './modules/users/issuer.js';
import { mayManageUser } from './modules/users/may-manage-user.js';
import { PostgresPasswordLinkStore } from './modules/users/password-link-store.postgres.js';
import { PasswordLinkResolver } from './modules/users/password-link.resolver.js';
import { PasswordLinks } from './modules/users/password-links.js';
import { UserAdminStore } from './modules/users/user-admin-store.postgres.js';
import { UserAdminResolver } from './modules/users/user-admin.resolver.js';
import { UserService } from './modules/users/user-service.js';
import type { UserStore } from './modules/users/user-store.js';
import { UserResolver } from './modules/users/user.resolver.js';

/** What people sign in with. */
export interface PeopleDeps {
  readonly dataSource: DataSource;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly users: UserStore;
  readonly audit: AuditRecorder;
  readonly changes: ChangeRunner;
  readonly access: AccessStore;
  readonly directory: Directory;
  readonly keyNow: KeyNow;
  readonly bounds: HolderBounds;
  /** undefined: no e-mail is sent. */
  readonly mail: MailConfig | undefined;
  /** undefined: there is no single sign-on. */
  readonly oidc: OidcSettings | undefined;
  /** Whether the public URL is https. */
  readonly secure: boolean;
  /** The path of the public URL; empty for none. */
  readonly basePath: string;
  readonly info: Omit<InstallationInfo, 'mailEnabled'>;
  readonly log: (message: string, error?: unknown) => void;
}

/** Everything about people and how they sign in. */
export interface People {
  readonly sessions: SessionService;
  readonly setUp: OwnerSetUp;
  readonly devices: KnownDevices;
  /** Makes links for users whom others invite. */
  readonly links: PasswordLinks;
  readonly resolvers: readonly object[];
  /** What the routes of single sign-on work with; undefined without an identity provider. */
  singleSignOn(cookie: SessionCookie): OidcDeps | undefined;
  /** Binds names of roles in the settings that were never seen before. */
  bindGroupRoles(): Promise<void>;
  /** Deletes what has ended or expired. */
  prune(): Promise<unknown>;
  /** Waits for what is still being sent. */
  close(): Promise<void>;
}

/** Puts together what people sign in with: the part of the composition root that is about them. */
export function createPeople(deps: PeopleDeps): People {
  const { dataSource, clock, users, audit, changes, directory, info, log } = deps;
  const mailer = deps.mail ? new SmtpMailer(deps.mail, log) : NO_MAILER;
  const passwords = new PasswordHasher();
  const attempts = new Attempts(new PostgresAttemptStore(dataSource), clock);
  const ownPassword = new OwnPassword(users, passwords, attempts);
  const installation = new InstallationStore(dataSource);
  const challenges = new PostgresChallengeStore(dataSource);
  const factors = new PostgresTwoFactorStore(dataSource);
  const openLinks = new PostgresPasswordLinkStore(dataSource);
  const mayManage = mayManageUser(users, directory);

  const sessions = new SessionService({
    dataSource,
    clock,
    users,
    sessions: new PostgresSessionStore(dataSource),
    audit,
    changes,
    directory,
  });
  const box = deps.secrets.boxFor(SECOND_FACTOR_BOX);
  const secondFactor = new SecondFactor({ clock, store: factors, box, audit });
  const signIn = new SignIn({ clock, users, sessions, challenges, secondFactor, attempts, passwords });
  const twoFactor = new TwoFactor({
    clock,
    users,
    store: factors,
    secondFactor,
    sessions,
    challenges,
    ownPassword,
    attempts,
    audit,
    changes,
  });
  const policy = new TwoFactorPolicy({ installation, sessions, changes });
  const links = new PasswordLinks({
    clock,
    store: openLinks,
    mail: passwordLinkMail(mailer),
    publicUrl: info.publicUrl,
    log,
  });
  const adminStore = new UserAdminStore(dataSource);
  const { access } = deps;
  const userService = new UserService({
    store: adminStore,
    access,
    directory,
    changes,
    bounds: deps.bounds,
    endSessions: (manager, userId) => sessions.removeAll(manager, userId, null),
    endLink: (manager, userId) => openLinks.remove(manager, userId),
  });
  userService.changed.on(() => sessions.forget());
  const invitationStore = new InvitationStore(dataSource);
  const issuers = new Issuers({ users, directory, keyNow: deps.keyNow, bounds: deps.bounds });
  const invitations = new Invitations({
    store: invitationStore,
    mail: invitationMail(mailer),
    access,
    directory,
    changes,
    bounds: deps.bounds,
    clock,
    publicUrl: info.publicUrl,
    log,
  });
  const acceptance = new InvitationAcceptance({
    store: invitationStore,
    users: adminStore,
    issuers,
    access,
    directory,
    changes,
    clock,
  });
  const passwordChanges = new Passwords({
    clock,
    users,
    links: openLinks,
    invitations: acceptance,
    issuers,
    sessions,
    challenges,
    signIn,
    ownPassword,
    passwords,
    attempts,
    audit,
  });
  const resets = new PasswordReset({
    dataSource,
    clock,
    users,
    links,
    store: openLinks,
    attempts,
    audit,
    mailEnabled: mailer.enabled,
    log,
  });
  const groupRoles =
    deps.oidc &&
    new GroupRoles({ dataSource, store: new GroupRoleStore(), audit, clock, setting: deps.oidc.groupRoles });
  const setUp = new OwnerSetUp({ dataSource, clock, users, installation, passwords, sessions, audit });
  return {
    sessions,
    setUp,
    devices: new KnownDevices(deps.secrets.boxFor('known device'), clock, deps.secure, deps.basePath),
    links,
    resolvers: [
      new GroupRoleResolver(groupRoles, directory),
      new InvitationResolver({
        store: invitationStore,
        invitations,
        acceptance,
        directory,
        clock,
        accepted: () => sessions.forget(),
      }),
      new OwnSessionsResolver(sessions, factors, mayManage),
      new PasswordLinkResolver({ changes, clock, links, store: openLinks, mayManageUser: mayManage }),
      new PasswordResolver(passwordChanges, resets, info.localSignIn),
      new SessionResolver(signIn, sessions, setUp, info.localSignIn),
      new SettingsResolver(policy),
      new TwoFactorResolver(twoFactor, factors, mayManage),
      new UserAdminResolver(users, adminStore, userService),
      new UserResolver(users, directory),
      new ViewerResolver(users, setUp, directory, policy, { ...info, mailEnabled: mailer.enabled }),
    ],
    singleSignOn: (cookie) =>
      deps.oidc && {
        provider: new IdentityProvider(deps.oidc, monotonicClock),
        signIn: new ExternalSignIn({
          clock,
          users,
          identities: new PostgresIdentityStore(),
          invitations: invitationStore,
          installation,
          sessions,
          audit,
          groupRoles: groupRoles!,
          log,
        }),
        sessions,
        cookie,
        pendingCookie: new PendingCookie(
          deps.secrets.boxFor('single sign-on'),
          clock,
          deps.secure,
          deps.basePath,
        ),
        publicUrl: info.publicUrl,
        basePath: deps.basePath,
      },
    bindGroupRoles: async () => groupRoles?.bindNew(),
    prune: () =>
      Promise.all([sessions.prune(), signIn.prune(), twoFactor.prune(), links.prune(), invitations.prune()]),
    close: () => resets.close(),
  };
}
