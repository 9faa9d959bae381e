import type { KeyObject } from 'node:crypto';

/** What is written to the log: a line for each request from `info` on. */
export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug';

/** How e-mail is sent. */
export interface MailConfig {
  /** `smtp://` or `smtps://`, with the account in it where one is needed. */
  readonly smtpUrl: string;
  readonly from: { readonly name: string; readonly address: string };
}

/** A role that membership of a group brings, and where. */
export interface GroupRole {
  readonly role: string;
  readonly scopeId: string;
}

/** The identity provider that people sign in through. */
export interface OidcSettings {
  readonly issuer: URL;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Separated by spaces; `openid` is among them. */
  readonly scopes: string;
  /** What the button says. */
  readonly label: string;
  /** Claim that lists the groups of a user. */
  readonly groupsClaim: string;
  readonly groupRoles: ReadonlyMap<string, readonly GroupRole[]>;
}

/** What a process does: `manage` answers people and integrators, `verify` gateways and services, `all` both. */
export type Role = 'all' | 'manage' | 'verify';

/** Everything that can be set, checked and with its defaults. */
export interface Config {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Base of links, snippets and e-mails, without a trailing slash; undefined until the port is known. */
  readonly publicUrl: string | undefined;
  /** The path of the public URL, without a trailing slash; empty for none. */
  readonly basePath: string;
  /** undefined: an embedded PostgreSQL in the data directory. */
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  readonly masterKeyFile: string;
  /** Creates the first owner unattended. */
  readonly owner: { readonly email: string; readonly password: string } | undefined;
  /** Brand in front of tokens. */
  readonly tokenPrefix: string;
  readonly sandbox: boolean;
  /** How long keys go on verifying while the database cannot be reached. */
  readonly maxStalenessSeconds: number;
  /** CIDRs of proxies whose forwarded headers count. */
  readonly trustedProxies: readonly string[];
  readonly role: Role;
  /** How long what happened is kept, in days; undefined: for good. */
  readonly retention: {
    readonly requestLogDays: number;
    readonly usageHourDays: number | undefined;
    readonly usageDayDays: number | undefined;
    readonly auditDays: number | undefined;
  };
  /** Most request-log rows a second that this process writes. */
  readonly requestLogRowsPerSecond: number;
  /** How large the journal may grow while the database is away, in bytes. */
  readonly journalBytes: number;
  /** How many keys that are not revoked there may be. */
  readonly license: {
    /** undefined: no setting limits it. */
    readonly maximumKeys: number | undefined;
    /** Of each customer that has no maximum of its own; undefined: no setting limits it. */
    readonly maximumKeysPerCustomer: number | undefined;
    /** A signed licence, and the Ed25519 key that it is verified with. */
    readonly file: { readonly path: string; readonly publicKey: KeyObject } | undefined;
  };
  /** `redis://` or `rediss://`, with the account in it where one is needed; undefined: processes share no nonces. */
  readonly redisUrl: string | undefined;
  readonly logLevel: LogLevel;
  /** undefined: no e-mail is sent. */
  readonly mail: MailConfig | undefined;
  /** undefined: there is no single sign-on. */
  readonly oidc: OidcSettings | undefined;
  /** Whether people may sign in with a password. */
  readonly localSignIn: boolean;
}
