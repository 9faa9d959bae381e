import { isIP } from 'node:net';
import { isAbsolute, join, resolve } from 'node:path';
import * as z from 'zod';
import { basePathOf, publicUrlFault } from '../core/base-path.js';
import { UNIX_PEERS } from '../core/unix-peers.js';
import type { Config } from './config.js';
import { databaseUrlFault } from './database-url.js';
import { parseLicenseKey } from './license-key.js';
import { mailFaults, mailOf, mailVariables } from './mail-env.js';
import { oidcFaults, oidcOf, oidcVariables } from './oidc-env.js';
import { isRedisUrl } from './redis-url.js';

/** All invalid settings, each with a sentence that names the setting. */
export class ConfigError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
    this.name = 'ConfigError';
  }
}

const optional = z.string().trim().optional();
const whole = (low: number, high: number): z.ZodType<number> => {
  const fault = `must be a whole number from ${low} to ${high}`;
  return z.coerce.number(fault).int(fault).min(low, fault).max(high, fault);
};

/** The system's limit for paths of Unix sockets, which other systems than Linux set lower. */
const MAX_SOCKET_PATH_BYTES = process.platform === 'linux' ? 107 : 103;

/**
 * A CIDR range such as `10.0.0.0/8` or `fd00::/8`, a single address, or `unix` for the peers on the Unix socket. A range of all
 * addresses is rejected.
 */
const proxy = z.string().refine((text) => {
  if (text === UNIX_PEERS) return true;
  const [address, bits, ...rest] = text.split('/');
  const version = isIP(address ?? '');
  if (version === 0 || rest.length > 0) return false;
  if (bits === undefined) return true;
  return /^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= (version === 4 ? 32 : 128);
}, 'must be CIDR ranges separated by commas; none can cover all addresses; unix stands for the Unix socket');

const settings = z.object({
  HOST: z.string().trim().default('127.0.0.1'),
  PORT: whole(0, 65_535).default(4000),
  KEYWRIGHT_SOCKET: z
    .string()
    .trim()
    .refine(
      (path) => isAbsolute(path) && !path.includes('\0') && Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES,
      `must be an absolute path of at most ${MAX_SOCKET_PATH_BYTES} bytes`,
    )
    .optional(),
  PUBLIC_URL: z
    .string()
    .trim()
    .superRefine((url, check) => {
      const fault = publicUrlFault(url);
      if (fault !== undefined) check.addIssue(fault);
    })
    .optional(),
  DATABASE_URL: z
    .string()
    .superRefine((url, check) => {
      const fault = databaseUrlFault(url);
      if (fault !== undefined) check.addIssue(fault);
    })
    .optional(),
  KEYWRIGHT_DATA_DIR: z.string().trim().default('.data'),
  KEYWRIGHT_MASTER_KEY_FILE: optional,
  KEYWRIGHT_ADMIN_EMAIL: z.email('must be an e-mail address').optional(),
  KEYWRIGHT_ADMIN_PASSWORD: z
    .string()
    .min(12, 'must have at least 12 characters')
    .max(200, 'must have at most 200 characters')
    .optional(),
  KEYWRIGHT_TOKEN_PREFIX: z
    .string()
    .regex(/^[a-z][a-z0-9]{0,15}$/, 'must be 1 to 16 lowercase letters and digits, starting with a letter')
    .default('kw'),
  KEYWRIGHT_SANDBOX: z.enum(['on', 'off'], 'must be on or off').default('on'),
  KEYWRIGHT_MAX_STALENESS_SECONDS: whole(5, 86_400).default(300),
  KEYWRIGHT_TRUSTED_PROXIES: z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean),
    )
    .pipe(z.array(proxy))
    .default([]),
  KEYWRIGHT_ROLE: z.enum(['all', 'manage', 'verify'], 'must be all, manage or verify').default('all'),
  KEYWRIGHT_REQUEST_LOG_DAYS: whole(1, 3650).default(30),
  // Monthly quotas and 31-day windows are restored from hourly counts.
  KEYWRIGHT_HOURLY_USAGE_DAYS: whole(35, 36_500).optional(),
  KEYWRIGHT_DAILY_USAGE_DAYS: whole(35, 36_500).optional(),
  KEYWRIGHT_AUDIT_DAYS: whole(30, 36_500).optional(),
  KEYWRIGHT_REQUEST_LOG_ROWS_PER_SECOND: whole(0, 1_000_000).default(2000),
  KEYWRIGHT_JOURNAL_MEGABYTES: whole(64, 1_000_000).default(1024),
  KEYWRIGHT_MAX_KEYS: whole(0, 2_147_483_647).optional(),
  KEYWRIGHT_MAX_KEYS_PER_CUSTOMER: whole(0, 2_147_483_647).optional(),
  KEYWRIGHT_LICENSE_FILE: optional,
  KEYWRIGHT_LICENSE_PUBLIC_KEY: z
    .string()
    .transform((text, check) => {
      const key = parseLicenseKey(text);
      if (key) return key;
      check.addIssue('must be an Ed25519 public key: SPKI as PEM, or the base64 of its DER');
      return z.NEVER;
    })
    .optional(),
  KEYWRIGHT_LOG_LEVEL: z
    .enum(['silent', 'error', 'warn', 'info', 'debug'], 'must be silent, error, warn, info or debug')
    .default('warn'),
  REDIS_URL: z
    .string()
    .trim()
    .refine(isRedisUrl, 'must be a URL such as redis://user:password@host:6379/0, or the same with rediss://')
    .optional(),
  ...mailVariables,
  ...oidcVariables,
});

type Given = Readonly<Record<string, string | undefined>>;

/** Settings that depend on each other. */
function combinationFaults(given: Given): string[] {
  const owner = ['KEYWRIGHT_ADMIN_EMAIL', 'KEYWRIGHT_ADMIN_PASSWORD'].filter((name) => given[name]);
  return [
    ...(owner.length === 1
      ? ['KEYWRIGHT_ADMIN_EMAIL and KEYWRIGHT_ADMIN_PASSWORD must be set together.']
      : []),
    ...(given['KEYWRIGHT_LICENSE_FILE'] && !given['KEYWRIGHT_LICENSE_PUBLIC_KEY']
      ? ['KEYWRIGHT_LICENSE_FILE requires KEYWRIGHT_LICENSE_PUBLIC_KEY, which verifies the license.']
      : []),
    ...(given['KEYWRIGHT_ROLE'] === 'verify' && !given['DATABASE_URL']
      ? ['KEYWRIGHT_ROLE=verify requires DATABASE_URL: the database of the managing process.']
      : []),
    ...mailFaults(given),
    ...oidcFaults(given),
  ];
}

/** Reads and checks the settings; an empty variable counts as absent. Error: {@link ConfigError} with every fault. */
export function readConfig(environment: Given = process.env): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()));
  const read = settings.safeParse(given);
  const issues = read.error?.issues ?? [];
  const faults = issues.map((issue) => `${String(issue.path[0])} ${issue.message}.`);
  faults.push(...combinationFaults(given));
  if (!read.success || faults.length > 0) throw new ConfigError(faults);
  const env = read.data;
  const { KEYWRIGHT_LICENSE_FILE: licenseFile, KEYWRIGHT_LICENSE_PUBLIC_KEY: publicKey } = env;
  const dataDir = resolve(env.KEYWRIGHT_DATA_DIR);
  return {
    host: env.HOST,
    port: env.PORT,
    socket: env.KEYWRIGHT_SOCKET,
    publicUrl: env.PUBLIC_URL?.replace(/\/+$/, ''),
    basePath: basePathOf(env.PUBLIC_URL),
    databaseUrl: env.DATABASE_URL,
    dataDir,
    masterKeyFile: resolve(env.KEYWRIGHT_MASTER_KEY_FILE ?? join(dataDir, 'master.key')),
    owner:
      env.KEYWRIGHT_ADMIN_EMAIL && env.KEYWRIGHT_ADMIN_PASSWORD
        ? { email: env.KEYWRIGHT_ADMIN_EMAIL, password: env.KEYWRIGHT_ADMIN_PASSWORD }
        : undefined,
    tokenPrefix: env.KEYWRIGHT_TOKEN_PREFIX,
    sandbox: env.KEYWRIGHT_SANDBOX === 'on',
    maxStalenessSeconds: env.KEYWRIGHT_MAX_STALENESS_SECONDS,
    trustedProxies: env.KEYWRIGHT_TRUSTED_PROXIES,
    role: env.KEYWRIGHT_ROLE,
    retention: {
      requestLogDays: env.KEYWRIGHT_REQUEST_LOG_DAYS,
      usageHourDays: env.KEYWRIGHT_HOURLY_USAGE_DAYS,
      usageDayDays: env.KEYWRIGHT_DAILY_USAGE_DAYS,
      auditDays: env.KEYWRIGHT_AUDIT_DAYS,
    },
    requestLogRowsPerSecond: env.KEYWRIGHT_REQUEST_LOG_ROWS_PER_SECOND,
    journalBytes: env.KEYWRIGHT_JOURNAL_MEGABYTES * 1024 * 1024,
    license: {
      maximumKeys: env.KEYWRIGHT_MAX_KEYS,
      maximumKeysPerCustomer: env.KEYWRIGHT_MAX_KEYS_PER_CUSTOMER,
      file: licenseFile && publicKey ? { path: resolve(licenseFile), publicKey } : undefined,
    },
    redisUrl: env.REDIS_URL,
    logLevel: env.KEYWRIGHT_LOG_LEVEL,
    mail: mailOf(env),
    oidc: oidcOf(env),
    localSignIn: env.KEYWRIGHT_LOCAL_SIGN_IN === 'on',
  };
}
