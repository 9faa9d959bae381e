import { ENVIRONMENT_LABELS } from '../../../lib/labels.js';
import { ADMIN, presetOf, type PermissionEntry } from '../../../lib/permissions.js';
import { describeLimit, windowName } from '../../../lib/rate-limits.js';
import { formatDay } from '../../../lib/time.js';
import { addressList, type KeyDraft } from './form-state.js';

function mayDo(names: readonly string[], catalogue: readonly PermissionEntry[]): string {
  if (names.includes(ADMIN)) return 'may do everything, also what is added later';
  if (!names.length) return 'holds no permission, so it opens only what every valid key may call';
  const preset = presetOf(names, catalogue);
  if (preset === 'full') return `may do everything the APIs offer today (${names.length} permissions)`;
  if (preset === 'read') return `may read everything and change nothing (${names.length} permissions)`;
  const labels = names.map((name) => catalogue.find((entry) => entry.name === name)?.label ?? name);
  return labels.length <= 3 ? `may do this: ${labels.join(', ')}` : `holds ${labels.length} permissions`;
}

/** What a key will be, in plain words, for the last look before it is made or changed. */
export function describeDraft(draft: KeyDraft, catalogue: readonly PermissionEntry[]): string {
  const name = draft.name.trim() ? `“${draft.name.trim()}”` : 'This key';
  const starts = draft.enabled ? `${name} works` : `${name} is switched off; once enabled it works`;
  const ends = !draft.expires
    ? 'until it is revoked'
    : draft.expiresOn
      ? `until the end of ${formatDay(draft.expiresOn)} (UTC)`
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
  const rate = limits.length ? `at most ${limits.join(' and ')}` : 'without a rate limit';
  const locked = draft.locked ? ' It is locked against revoking.' : '';
  return `${starts} in ${ENVIRONMENT_LABELS[draft.environment]} ${ends}. It ${mayDo(draft.permissions, catalogue)}; ${from}, ${rate}.${locked}`;
}
