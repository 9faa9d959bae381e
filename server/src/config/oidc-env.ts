import * as z from 'zod';
import { ID_PREFIXES, isId } from '../core/id.js';
import type { GroupRole, OidcSettings } from './config.js';

const ROOT_SCOPE_ID = 'scp_00000000000000000000000000';
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** The issuer, or what is wrong with it. It receives tokens and the client secret, so it must use TLS or be on this machine. */
function parseIssuer(text: string): URL | string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) return 'must be an https URL';
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    return 'must be an https URL; http is accepted on loopback only';
  }
  return /[?#]/.test(text) || url.username || url.password
    ? 'must be a URL without a query, a fragment or credentials'
    : url;
}

const groupRole = z.strictObject({
  role: z.string().trim().min(1),
  scope: z.string().optional(),
});
const groupRoles = z.record(z.string(), z.union([groupRole, z.array(groupRole)]));

/** Roles by group, or what is wrong with the text. */
function parseGroupRoles(text: string): Map<string, GroupRole[]> | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'must be JSON';
  }
  const read = groupRoles.safeParse(json);
  if (!read.success) {
    return 'must be a JSON object that maps each group to { "role": name, "scope": id } or a list of these; scope is optional';
  }
  const found = new Map<string, GroupRole[]>();
  for (const [group, given] of Object.entries(read.data)) {
    const roles = [given].flat().map(({ role, scope = ROOT_SCOPE_ID }) => ({ role, scopeId: scope }));
    const wrong = roles.find(({ scopeId }) => !isId(ID_PREFIXES.scope, scopeId));
    if (wrong) return `contains ${JSON.stringify(wrong.scopeId)}, which is not a scope ID`;
    found.set(group, roles);
  }
  return found;
}

/** A parsed text; a string that the parser returns is an error message. */
const parsed = <T extends object>(parse: (text: string) => T | string): z.ZodType<T, string> =>
  z
    .string()
    .trim()
    .transform((text, context) => {
      const value = parse(text);
      if (typeof value !== 'string') return value;
      context.addIssue({ code: 'custom', message: value });
      return z.NEVER;
    });

const optional = z.string().trim().optional();

/** Variables of single sign-on. */
export const oidcVariables = {
  OIDC_ISSUER: parsed(parseIssuer).optional(),
  OIDC_CLIENT_ID: optional,
  OIDC_CLIENT_SECRET: optional,
  OIDC_SCOPES: z
    .string()
    .trim()
    .transform((text) => text.split(/\s+/).join(' '))
    .refine((text) => text.split(' ').includes('openid'), 'must include openid')
    .default('openid email profile'),
  OIDC_LABEL: z.string().trim().max(60, 'must have at most 60 characters').optional(),
  OIDC_GROUPS_CLAIM: z.string().trim().default('groups'),
  OIDC_GROUP_ROLES: parsed(parseGroupRoles).optional(),
  KEYWRIGHT_LOCAL_SIGN_IN: z.enum(['on', 'off'], 'must be on or off').default('on'),
} as const;

/** Settings of single sign-on that depend on each other. */
export function oidcFaults(given: Readonly<Record<string, string | undefined>>): string[] {
  const own = Object.keys(oidcVariables).filter((name) => name.startsWith('OIDC_') && given[name]);
  if (given['OIDC_ISSUER']) {
    return ['OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET']
      .filter((name) => !given[name])
      .map((name) => `${name} is required when OIDC_ISSUER is set.`);
  }
  return [
    ...own.map((name) => `${name} has no effect without OIDC_ISSUER. Set OIDC_ISSUER, or remove it.`),
    ...(given['KEYWRIGHT_LOCAL_SIGN_IN']?.trim() === 'off'
      ? ['KEYWRIGHT_LOCAL_SIGN_IN cannot be off without OIDC_ISSUER: nobody could sign in.']
      : []),
  ];
}

/** The settings of single sign-on; undefined without an issuer. */
export function oidcOf(env: z.output<z.ZodObject<typeof oidcVariables>>): OidcSettings | undefined {
  const issuer = env.OIDC_ISSUER;
  if (!issuer || !env.OIDC_CLIENT_ID || !env.OIDC_CLIENT_SECRET) return undefined;
  return {
    issuer,
    clientId: env.OIDC_CLIENT_ID,
    clientSecret: env.OIDC_CLIENT_SECRET,
    scopes: env.OIDC_SCOPES,
    label: env.OIDC_LABEL ?? issuer.host,
    groupsClaim: env.OIDC_GROUPS_CLAIM,
    groupRoles: env.OIDC_GROUP_ROLES ?? new Map(),
  };
}
