import type { KeyObject } from 'node:crypto';

/** Minimum level of log lines; requests are logged at `info`. */
export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug';

/** How e-mail is sent. */
export interface MailConfig {
  /** `smtp://` or `smtps://`, including the account if one is needed. */
  readonly smtpUrl: string;
  readonly from: { readonly name: string; readonly address: string };
}

/** A role at a scope that members of a group get. */
export interface GroupRole {
  readonly role: string;
  readonly scopeId: string;
}

/** The identity provider that people sign in through. */
export interface OidcSettings {
  readonly issuer: URL;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Separated by spaces; includes `openid`. */
  readonly scopes: string;
  /** Label of the sign-in button. */
  readonly label: string;
  /** Claim that lists the groups of a user. */
  readonly groupsClaim: string;
  readonly groupRoles: ReadonlyMap<string, readonly GroupRole[]>;
}

/** Role of a process: `manage` serves people and integrators, `verify` gateways and services, `all` both. */
export type Role = 'all' | 'manage' | 'verify';

/** All settings, checked and with defaults. */
export interface Config {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** Absolute path of a Unix socket on which the process listens too; undefined for none. */
  readonly socket: string | undefined;
  /** Base of links, snippets and e-mails, without a trailing slash; undefined until the port is known. */
  readonly publicUrl: string | undefined;
  /** The path of the public URL, without a trailing slash; empty for none. */
  readonly basePath: string;
  /** undefined for the embedded PostgreSQL in the data directory. */
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  readonly masterKeyFile: string;
  /** The first owner, for an unattended set-up. */
  readonly owner: { readonly email: string; readonly password: string } | undefined;
  /** Brand prefix of tokens. */
  readonly tokenPrefix: string;
  readonly sandbox: boolean;
  /** How long keys keep verifying while the database is unreachable. */
  readonly maxStalenessSeconds: number;
  /** CIDRs of proxies whose forwarded headers are trusted, and `unix` for those on the Unix socket. */
  readonly trustedProxies: readonly string[];
  readonly role: Role;
  /** Retention in days; undefined for unlimited. */
  readonly retention: {
    readonly requestLogDays: number;
    readonly usageHourDays: number | undefined;
    readonly usageDayDays: number | undefined;
    readonly auditDays: number | undefined;
  };
  /** Maximum request log rows that this process writes per second. */
  readonly requestLogRowsPerSecond: number;
  /** Maximum size of the journal while the database is unreachable, in bytes. */
  readonly journalBytes: number;
  /** Maximum numbers of keys that are not revoked. */
  readonly license: {
    /** undefined for no limit by setting. */
    readonly maximumKeys: number | undefined;
    /** Per customer without its own maximum; undefined for no limit by setting. */
    readonly maximumKeysPerCustomer: number | undefined;
    /** A signed license and the Ed25519 key that verifies it. */
    readonly file: { readonly path: string; readonly publicKey: KeyObject } | undefined;
  };
  /** `redis://` or `rediss://`, including the account if one is needed; undefined if processes do not share nonces. */
  readonly redisUrl: string | undefined;
  readonly logLevel: LogLevel;
  /** undefined if no e-mail is sent. */
  readonly mail: MailConfig | undefined;
  /** undefined without single sign-on. */
  readonly oidc: OidcSettings | undefined;
  /** Whether people can sign in with a password. */
  readonly localSignIn: boolean;
}
