import {
  MAX_DESCRIPTION,
  MAX_KEY_NAME,
  MAX_QUOTA,
  MAX_WINDOW_LIMIT,
  MAX_WINDOW_SECONDS,
} from '@keywright/schema/bounds';
import type {
  CreateApiKeyInput,
  Environment,
  KeyKind,
  KeyRowFragment,
  QuotaPeriod,
  SignatureProfile,
  UpdateApiKeyInput,
} from '../../../gql/graphql.js';
import { changedMembers } from '../../../lib/conflict.js';
import { endOfDay, expiryProblem } from '../../../lib/expiry.js';
import { grantPlace } from '../../../lib/grants.js';
import { formatCount, tooLong } from '../../../lib/number.js';
import type { QuotaValue } from '../../../lib/quotas.js';
import { namedWindows } from '../../../lib/rate-limits.js';
import type { ScopeChoice } from '../../../lib/scopes.js';
import type { ServiceAccountChoice } from '../../../lib/service-accounts.js';
import {
  accessOf,
  checkAccess,
  newAccess,
  toCreateAccess,
  toUpdateAccess,
  type AccessDraft,
  type KeyAccess,
} from './access-draft.js';

/** One rate limit being edited; empty fields are null. */
export interface LimitDraft {
  id: number;
  /** The stored name and length of the window; null for a new one. */
  kept: { name: string; windowSeconds: number } | null;
  limit: number | null;
  windowSeconds: number | null;
}

/** Quotas being edited; empty fields are null. */
export interface QuotasDraft {
  day: number | null;
  month: number | null;
}

/** The form's data. `expiresOn` is a UTC day. */
export interface KeyDraft {
  name: string;
  description: string;
  kind: KeyKind;
  /** Allowed signature methods of a signing key. */
  profiles: SignatureProfile[];
  environment: Environment;
  expires: boolean;
  expiresOn: string;
  /** The expiry when the form was opened; null for never and for a new key. */
  keptExpiry: string | null;
  enabled: boolean;
  locked: boolean;
  access: AccessDraft;
  limits: LimitDraft[];
  quotas: QuotasDraft;
  addresses: string;
}

/** Errors by field: `name`, `expiresOn`, `profiles`, `limits.0`, `quotas.day`, `grants.0`, `addresses`, and so on. */
export type DraftErrors = Record<string, string>;

let lastLimitId = 0;

/** A default rate limit. */
export function newLimit(limit: number | null = 100, windowSeconds: number | null = 60): LimitDraft {
  lastLimitId += 1;
  return { id: lastLimitId, kept: null, limit, windowSeconds };
}

/** Defaults for a new key, from where its form was opened. */
export interface KeyStart {
  name?: string;
  serviceAccount?: ServiceAccountChoice;
  scope?: ScopeChoice;
}

/** The form data of a new key; `start` holds its defaults. */
export function newDraft({ name = '', serviceAccount, scope }: KeyStart = {}): KeyDraft {
  return {
    name,
    description: '',
    kind: 'BEARER',
    profiles: ['RFC9421'],
    environment: 'PRODUCTION',
    expires: false,
    expiresOn: '',
    keptExpiry: null,
    enabled: true,
    locked: false,
    access: newAccess(scope, serviceAccount),
    limits: [],
    quotas: { day: null, month: null },
    addresses: '',
  };
}

const quotaOf = ({ quotas }: KeyRowFragment, period: QuotaPeriod): number | null =>
  quotas.find((quota) => quota.period === period)?.limit ?? null;

/** The quotas that were filled in. */
export const quotasIn = ({ day, month }: QuotasDraft): QuotaValue[] => [
  ...(day === null ? [] : [{ period: 'DAY' as const, limit: day }]),
  ...(month === null ? [] : [{ period: 'MONTH' as const, limit: month }]),
];

/** The form data of an existing key. */
export function draftOf(key: KeyRowFragment, access: KeyAccess): KeyDraft {
  return {
    name: key.name,
    description: key.description ?? '',
    kind: key.kind,
    profiles: [...key.signatureProfiles],
    environment: key.environment,
    expires: Boolean(key.expiresAt),
    expiresOn: key.expiresAt?.slice(0, 10) ?? '',
    keptExpiry: key.expiresAt ?? null,
    enabled: key.enabled,
    locked: key.locked,
    access: accessOf(access),
    limits: key.rateLimits.map(({ name, limit, windowSeconds }) => ({
      ...newLimit(limit, windowSeconds),
      kept: { name, windowSeconds },
    })),
    quotas: { day: quotaOf(key, 'DAY'), month: quotaOf(key, 'MONTH') },
    addresses: key.allowedCidrs.join('\n'),
  };
}

/** The expiry in the form; null for never and while no day is selected. An unchanged day keeps its exact instant. */
export function expiryOf({ expires, expiresOn, keptExpiry }: KeyDraft): string | null {
  if (!expires || !expiresOn) return null;
  return keptExpiry?.startsWith(expiresOn) ? keptExpiry : endOfDay(expiresOn);
}

/** The IP ranges in the text field, separated by line breaks, commas or spaces. */
export function addressList(text: string): string[] {
  return text.split(/[\s,;]+/).filter(Boolean);
}

const isCount = (value: number | null, most: number): boolean =>
  value !== null && Number.isInteger(value) && value >= 1 && value <= most;

function limitProblem({ limit, windowSeconds }: LimitDraft): string | null {
  if (!isCount(limit, MAX_WINDOW_LIMIT)) return `Enter 1 to ${formatCount(MAX_WINDOW_LIMIT)} requests.`;
  return isCount(windowSeconds, MAX_WINDOW_SECONDS)
    ? null
    : `Enter a window of 1 to ${formatCount(MAX_WINDOW_SECONDS)} seconds.`;
}

/** Validates the form before sending, except an unchanged expiry. */
export function checkDraft(
  draft: KeyDraft,
  { now, mayUseRoot, keptDay = '' }: { now: number; mayUseRoot: boolean; keptDay?: string },
): DraftErrors {
  const errors: DraftErrors = checkAccess(draft.access, mayUseRoot);
  const name = draft.name.trim();
  if (!name) errors['name'] = 'Enter a name for the key.';
  else if ([...name].length > MAX_KEY_NAME) errors['name'] = tooLong(MAX_KEY_NAME);
  if ([...draft.description.trim()].length > MAX_DESCRIPTION)
    errors['description'] = tooLong(MAX_DESCRIPTION);
  if (draft.kind === 'SIGNED' && !draft.profiles.length) errors['profiles'] = 'Choose at least one.';
  if (draft.expires && draft.expiresOn !== keptDay) {
    const problem = expiryProblem(draft.expiresOn, now);
    if (problem) errors['expiresOn'] = problem;
  }
  draft.limits.forEach((limit, index) => {
    const problem = limitProblem(limit);
    if (problem) errors[`limits.${index}`] = problem;
  });
  for (const period of ['day', 'month'] as const) {
    const quota = draft.quotas[period];
    if (quota !== null && !(Number.isInteger(quota) && quota >= 1 && quota <= MAX_QUOTA)) {
      errors[`quotas.${period}`] = `Enter 1 to ${formatCount(MAX_QUOTA)}, or leave it empty.`;
    }
  }
  return errors;
}

function common(draft: KeyDraft) {
  return {
    name: draft.name.trim(),
    description: draft.description.trim() || null,
    enabled: draft.enabled,
    locked: draft.locked,
    rateLimits: namedWindows(
      draft.limits.map(({ kept, limit, windowSeconds }) => ({
        kept,
        limit: limit ?? 0,
        windowSeconds: windowSeconds ?? 0,
      })),
    ),
    quotas: quotasIn(draft.quotas),
    allowedCidrs: addressList(draft.addresses),
  };
}

/** The signature methods in the input; none for a bearer key. */
const profilesOf = ({ kind, profiles }: KeyDraft): { signatureProfiles?: SignatureProfile[] } =>
  kind === 'SIGNED' ? { signatureProfiles: [...profiles] } : {};

/** The input to create the key. */
export function toCreateInput(draft: KeyDraft): CreateApiKeyInput {
  const expiry = draft.expires ? { expiresOn: draft.expiresOn } : {};
  return {
    ...common(draft),
    ...toCreateAccess(draft.access),
    environment: draft.environment,
    kind: draft.kind,
    ...profilesOf(draft),
    ...expiry,
  };
}

/** The input to change the key: only the differences from the key that the form was opened with. */
export function toUpdateInput(draft: KeyDraft, key: KeyRowFragment, access: KeyAccess): UpdateApiKeyInput {
  const before = draftOf(key, access);
  const input = {
    id: key.id,
    ...changedMembers(
      { ...common(before), ...profilesOf(before) },
      { ...common(draft), ...profilesOf(draft) },
    ),
    ...toUpdateAccess(draft.access, before.access),
  };
  if (draft.expires === before.expires && (!draft.expires || draft.expiresOn === before.expiresOn))
    return input;
  return { ...input, expiresAt: draft.expires ? endOfDay(draft.expiresOn) : null };
}

/** Maps the server's errors to fields of the form. */
export function placeErrors(fields: readonly { path: string; message: string }[]): DraftErrors {
  const places: [RegExp, string][] = [
    [/^rateLimits\.(\d+).*/, 'limits.$1'],
    [/^rateLimits.*/, 'limits'],
    [/^quotas.*/, 'quotas'],
    [/^allowedCidrs.*/, 'addresses'],
    [/^expires.*/, 'expiresOn'],
    [/^signatureProfiles.*/, 'profiles'],
    [/^serviceAccountId$/, 'serviceAccount'],
    [/^scopeId$/, 'home'],
    [/^(permissions|roleId).*/, 'permissions'],
  ];
  const errors: DraftErrors = {};
  for (const { path, message } of fields) {
    const dotted = path.replaceAll(/\[(\d+)\]/g, '.$1');
    const place = places.find(([pattern]) => pattern.test(dotted));
    errors[grantPlace(dotted) ?? (place ? dotted.replace(...place) : dotted)] ??= message;
  }
  return errors;
}
