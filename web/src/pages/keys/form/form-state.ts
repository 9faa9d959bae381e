import type {
  CreateApiKeyInput,
  Environment,
  KeyKind,
  KeyRowFragment,
  QuotaPeriod,
  SignatureProfile,
  UpdateApiKeyInput,
} from '../../../gql/graphql.js';
import { endOfDay, expiryProblem } from '../../../lib/expiry.js';
import { grantPlace } from '../../../lib/grants.js';
import { formatCount } from '../../../lib/number.js';
import { LARGEST_QUOTA, type QuotaValue } from '../../../lib/quotas.js';
import { windowName } from '../../../lib/rate-limits.js';
import type { KeyStart } from '../../../composables/use-key-dialogs.js';
import {
  accessOf,
  checkAccess,
  newAccess,
  toCreateAccess,
  toUpdateAccess,
  type AccessDraft,
  type KeyAccess,
} from './access-draft.js';

/** One rate limit as it is being typed; empty fields are null. */
export interface LimitDraft {
  id: number;
  limit: number | null;
  windowSeconds: number | null;
}

/** Quotas as they are being typed; empty fields are null. */
export interface QuotasDraft {
  day: number | null;
  month: number | null;
}

/** What the form holds. `expiresOn` is a UTC day, `expiresAt` the kept instant while nobody touched it. */
export interface KeyDraft {
  name: string;
  description: string;
  kind: KeyKind;
  /** How a key that signs may sign. */
  profiles: SignatureProfile[];
  environment: Environment;
  expires: boolean;
  expiresOn: string;
  enabled: boolean;
  locked: boolean;
  access: AccessDraft;
  limits: LimitDraft[];
  quotas: QuotasDraft;
  addresses: string;
}

/** Complaints by field: `name`, `expiresOn`, `profiles`, `limits.0`, `quotas.day`, `grants.0`, `addresses`, and so on. */
export type DraftErrors = Record<string, string>;

let lastLimitId = 0;

/** A rate limit to start from. */
export function newLimit(limit: number | null = 100, windowSeconds: number | null = 60): LimitDraft {
  lastLimitId += 1;
  return { id: lastLimitId, limit, windowSeconds };
}

/** The form of a new key; `start` is what is known of it already. */
export function newDraft({ name = '', serviceAccount, scope }: KeyStart = {}): KeyDraft {
  return {
    name,
    description: '',
    kind: 'BEARER',
    profiles: ['RFC9421'],
    environment: 'PRODUCTION',
    expires: false,
    expiresOn: '',
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

/** The form of a key. */
export function draftOf(key: KeyRowFragment, access: KeyAccess): KeyDraft {
  return {
    name: key.name,
    description: key.description ?? '',
    kind: key.kind,
    profiles: [...key.signatureProfiles],
    environment: key.environment,
    expires: Boolean(key.expiresAt),
    expiresOn: key.expiresAt?.slice(0, 10) ?? '',
    enabled: key.enabled,
    locked: key.locked,
    access: accessOf(access),
    limits: key.rateLimits.map(({ limit, windowSeconds }) => newLimit(limit, windowSeconds)),
    quotas: { day: quotaOf(key, 'DAY'), month: quotaOf(key, 'MONTH') },
    addresses: key.allowedCidrs.join('\n'),
  };
}

/** The address ranges of the text field: one per line, commas and spaces do as well. */
export function addressList(text: string): string[] {
  return text.split(/[\s,;]+/).filter(Boolean);
}

function limitProblem({ limit, windowSeconds }: LimitDraft, others: LimitDraft[]): string | null {
  if (!limit || limit < 1 || !Number.isInteger(limit)) return 'Enter how many requests are let through.';
  if (!windowSeconds || windowSeconds < 1 || !Number.isInteger(windowSeconds))
    return 'Enter a window in seconds.';
  return others.some((other) => other.windowSeconds === windowSeconds)
    ? 'There is a limit for this window already.'
    : null;
}

/** What is wrong with a form before it is sent; an unchanged expiry is not judged again. */
export function checkDraft(
  draft: KeyDraft,
  { now, mayUseRoot, keptDay = '' }: { now: number; mayUseRoot: boolean; keptDay?: string },
): DraftErrors {
  const errors: DraftErrors = checkAccess(draft.access, mayUseRoot);
  const name = draft.name.trim();
  if (!name) errors['name'] = 'Give the key a name.';
  else if ([...name].length > 50) errors['name'] = 'Use at most 50 characters.';
  if ([...draft.description].length > 1_000) errors['description'] = 'Use at most 1,000 characters.';
  if (draft.kind === 'SIGNED' && !draft.profiles.length) errors['profiles'] = 'Choose at least one.';
  if (draft.expires && draft.expiresOn !== keptDay) {
    const problem = expiryProblem(draft.expiresOn, now);
    if (problem) errors['expiresOn'] = problem;
  }
  draft.limits.forEach((limit, index) => {
    const problem = limitProblem(limit, draft.limits.slice(0, index));
    if (problem) errors[`limits.${index}`] = problem;
  });
  for (const period of ['day', 'month'] as const) {
    const quota = draft.quotas[period];
    if (quota !== null && !(Number.isInteger(quota) && quota >= 1 && quota <= LARGEST_QUOTA)) {
      errors[`quotas.${period}`] = `Enter 1 to ${formatCount(LARGEST_QUOTA)}, or leave it empty.`;
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
    rateLimits: draft.limits.map(({ limit, windowSeconds }) => ({
      name: windowName(windowSeconds ?? 0),
      limit: limit ?? 0,
      windowSeconds: windowSeconds ?? 0,
    })),
    quotas: quotasIn(draft.quotas),
    allowedCidrs: addressList(draft.addresses),
  };
}

/** How it may sign; nothing for a key that is sent. */
const profilesOf = ({ kind, profiles }: KeyDraft): { signatureProfiles?: SignatureProfile[] } =>
  kind === 'SIGNED' ? { signatureProfiles: [...profiles] } : {};

/** What is sent to make the key. */
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

/** What is sent to change the key: an expiry that was not touched, and grants that were not, stay as they are. */
export function toUpdateInput(draft: KeyDraft, key: KeyRowFragment, before: KeyAccess): UpdateApiKeyInput {
  const input: UpdateApiKeyInput = {
    id: key.id,
    ...common(draft),
    ...profilesOf(draft),
    ...toUpdateAccess(draft.access, accessOf(before)),
  };
  if (!draft.expires) return key.expiresAt ? { ...input, expiresAt: null } : input;
  return draft.expiresOn === key.expiresAt?.slice(0, 10)
    ? input
    : { ...input, expiresAt: endOfDay(draft.expiresOn) };
}

/** Puts the server's complaints where the form shows them. */
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
