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

function mayDo(names: readonly string[], catalogue: readonly PermissionEntry[]): string {
  if (names.includes(ADMIN)) return 'may do everything, also what is added later';
  if (!names.length) return 'holds no permission, so it opens only what every valid key may call';
  const preset = presetOf(names, catalogue);
  if (preset === 'full') return `may do everything the APIs offer today (${names.length} permissions)`;
  if (preset === 'read') return `may read everything and change nothing (${names.length} permissions)`;
  const labels = names.map((name) => catalogue.find((entry) => entry.name === name)?.label ?? name);
  return labels.length <= 3 ? `may do this: ${labels.join(', ')}` : `holds ${labels.length} permissions`;
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
  if (!words.length) return mayDo([], []);
  return `holds ${words.join(' and ')}${where(rows.map(({ scope }) => scope))}`;
}

function holds(access: AccessDraft, catalogue: readonly PermissionEntry[]): string {
  const { shape, permissions, scopes, rows } = access;
  if (shape === 'rows') return holdsRows(rows);
  return `${mayDo(permissions, catalogue)}${permissions.length ? where(scopes) : ''}`;
}

/** What the key can do, for a sentence that starts with “It”. */
function describeAccess(access: AccessDraft, catalogue: readonly PermissionEntry[]): string {
  if (access.source === 'own') return holds(access, catalogue);
  const account = access.serviceAccount ? `“${access.serviceAccount.name}”` : 'a service account';
  if (!access.narrowed) return `may do whatever ${account} may do`;
  const { shape, permissions, rows } = access;
  if (shape === 'rows' ? !rows.length : !permissions.length) return `keeps nothing of what ${account} may do`;
  return `${holds(access, catalogue)}, as far as ${account} may do that`;
}

/** A plain-language summary of a key, for review before it is created or changed. */
export function describeDraft(draft: KeyDraft, catalogue: readonly PermissionEntry[]): string {
  const name = draft.name.trim() ? `“${draft.name.trim()}”` : 'This key';
  const starts = draft.enabled ? `${name} works` : `${name} is switched off; once enabled it works`;
  const end = expiryOf(draft);
  const ends = !draft.expires
    ? 'until it is revoked'
    : end
      ? `until ${endInWords(end)}`
      : 'until a date that you still have to choose';
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
    ? `from ${addresses} allowed ${addresses === 1 ? 'range' : 'ranges'} of addresses`
    : 'from anywhere';
  const most = [
    ...limits,
    ...quotasIn(draft.quotas)
      .filter(({ limit }) => limit > 0)
      .map(describeQuota),
  ];
  const rate = most.length ? `at most ${inWords(most)}` : 'without rate limit or quota';
  const { source, serviceAccount, home } = draft.access;
  const place = source === 'account' ? serviceAccount?.scope : home;
  const lies = place && place.kind !== 'ROOT' ? ` It lies at ${place.name}.` : '';
  const locked = draft.locked ? ' It is locked against revoking.' : '';
  const signs =
    draft.kind === 'SIGNED'
      ? `, signs by ${profileNames(draft.profiles) || 'a profile that you still have to choose'}`
      : '';
  return `${starts} in ${ENVIRONMENT_LABELS[draft.environment]} ${ends}${signs}. It ${describeAccess(draft.access, catalogue)}; ${from}, ${rate}.${lies}${locked}`;
}
