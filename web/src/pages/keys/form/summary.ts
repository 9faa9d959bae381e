import { endInWords } from '../../../lib/expiry.js';
import type { GrantDraft } from '../../../lib/grants.js';
import { ENVIRONMENT_LABELS } from '../../../lib/labels.js';
import { ADMIN, presetOf, type PermissionEntry } from '../../../lib/permissions.js';
import { describeQuota } from '../../../lib/quotas.js';
import { describeLimit, windowName } from '../../../lib/rate-limits.js';
import { profileNames } from '../../../lib/signature-profiles.js';
import type { ScopeChoice } from '../../../lib/scopes.js';
import type { AccessDraft } from './access-draft.js';
import { addressList, expiryOf, quotasIn, type KeyDraft } from './form-state.js';

function inWords(parts: readonly string[]): string {
  return parts.length > 1 ? `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}` : (parts[0] ?? '');
}

/** A list of names, shortened. */
function listed(names: readonly string[], many: string): string {
  return names.length > 3 ? `${names.length} ${many}` : inWords(names);
}

function canDo(names: readonly string[], catalog: readonly PermissionEntry[]): string {
  if (names.includes(ADMIN)) return 'can do everything, including what is added later';
  if (!names.length) return 'has no permissions and reaches only endpoints open to any key';
  const preset = presetOf(names, catalog);
  if (preset === 'full') return `can do everything that the APIs offer today (${names.length} permissions)`;
  if (preset === 'read') return `can read everything and change nothing (${names.length} permissions)`;
  const labels = names.map((name) => catalog.find((entry) => entry.name === name)?.label ?? name);
  return labels.length <= 3 ? `can do this: ${labels.join(', ')}` : `has ${labels.length} permissions`;
}

/** The scopes of the selection, for the end of a sentence; the whole installation is omitted. */
function where(scopes: readonly (ScopeChoice | null)[]): string {
  const names = [...new Set(scopes.map((scope) => scope?.name ?? 'the whole installation'))];
  return scopes.some((scope) => scope) ? `, at ${listed(names, 'scopes')}` : '';
}

function holdsRows(rows: readonly GrantDraft[]): string {
  const roles = rows.filter(({ source }) => source === 'role').length;
  const words = [
    ...(roles ? [`${roles} ${roles === 1 ? 'role' : 'roles'}`] : []),
    ...(roles < rows.length ? ['permissions of its own'] : []),
  ];
  if (!words.length) return canDo([], []);
  return `has ${words.join(' and ')}${where(rows.map(({ scope }) => scope))}`;
}

function holds(access: AccessDraft, catalog: readonly PermissionEntry[]): string {
  const { shape, permissions, scopes, rows } = access;
  if (shape === 'rows') return holdsRows(rows);
  return `${canDo(permissions, catalog)}${permissions.length ? where(scopes) : ''}`;
}

/** What the key can do, for a sentence that starts with “It”. */
function describeAccess(access: AccessDraft, catalog: readonly PermissionEntry[]): string {
  if (access.source === 'own') return holds(access, catalog);
  const account = access.serviceAccount ? `“${access.serviceAccount.name}”` : 'a service account';
  if (!access.narrowed) return `can do everything that ${account} can do`;
  const { shape, permissions, rows } = access;
  if (shape === 'rows' ? !rows.length : !permissions.length) return `gets none of the access of ${account}`;
  return `${holds(access, catalog)}, limited to what ${account} can do`;
}

/** A plain-language summary of a key, for review before it is created or changed. */
export function describeDraft(draft: KeyDraft, catalog: readonly PermissionEntry[]): string {
  const name = draft.name.trim() ? `“${draft.name.trim()}”` : 'This key';
  const starts = draft.enabled ? `${name} works` : `${name} is disabled; once enabled, it works`;
  const end = expiryOf(draft);
  const ends = !draft.expires
    ? 'until it is revoked'
    : end
      ? `until ${endInWords(end)}`
      : 'until a date that you have yet to choose';
  const limits = draft.limits
    .filter(({ limit, windowSeconds }) => limit && windowSeconds)
    .map(({ limit, windowSeconds }) =>
      describeLimit({
        name: windowName(windowSeconds ?? 0),
        limit: limit ?? 0,
        windowSeconds: windowSeconds ?? 0,
      }),
    );
  const addresses = addressList(draft.addresses).length;
  const from = addresses
    ? `Allowed from ${addresses} IP ${addresses === 1 ? 'range' : 'ranges'}`
    : 'No IP restriction';
  const most = [
    ...limits,
    ...quotasIn(draft.quotas)
      .filter(({ limit }) => limit > 0)
      .map(describeQuota),
  ];
  const rate = most.length
    ? `; at most ${inWords(most)}`
    : addresses
      ? '; no rate limit or quota'
      : ', rate limit or quota';
  const { source, serviceAccount, home } = draft.access;
  const place = source === 'account' ? serviceAccount?.scope : home;
  const scopeText = place && place.kind !== 'ROOT' ? ` Its scope is ${place.name}.` : '';
  const locked = draft.locked ? " It is locked and can't be revoked." : '';
  const signs =
    draft.kind === 'SIGNED'
      ? ` and signs requests with ${profileNames(draft.profiles) || 'a method that you have yet to choose'}`
      : '';
  return `${starts} in ${ENVIRONMENT_LABELS[draft.environment]} ${ends}${signs}. It ${describeAccess(draft.access, catalog)}. ${from}${rate}.${scopeText}${locked}`;
}
