import { switchField, textField, type FormField } from '../../../lib/conflict.js';
import { grantLines, type GrantNames } from '../../../lib/grant-words.js';
import { newGrant, type GrantDraft } from '../../../lib/grants.js';
import { describeQuota } from '../../../lib/quotas.js';
import { describeLimit } from '../../../lib/rate-limits.js';
import { PROFILE_CHOICES } from '../../../lib/signature-profiles.js';
import { formatEnd } from '../../../lib/time.js';
import { chosenGrants, type AccessDraft } from './access-draft.js';
import { addressList, expiryOf, quotasIn, type KeyDraft } from './form-state.js';

/** The selection as rows, in either mode. */
function rowsOf({ shape, permissions, scopes, rows }: AccessDraft): GrantDraft[] {
  if (shape === 'rows') return rows;
  if (!permissions.length) return [];
  const places = scopes.length ? scopes : [null];
  return places.map((scope) => ({ ...newGrant(scope), source: 'permissions', permissions }));
}

const inherits = ({ source, narrowed }: AccessDraft): boolean => source === 'account' && !narrowed;

const limitsOf = ({ limits }: KeyDraft) =>
  limits.map(({ kept, limit, windowSeconds }) => ({ name: kept?.name ?? null, limit, windowSeconds }));

/** The fields of a key's form for comparison after a concurrent change. */
export const keyFields = (names: GrantNames): FormField<KeyDraft>[] => [
  textField('Name', 'name'),
  textField('Description', 'description'),
  {
    label: 'Signature methods',
    members: ['profiles'],
    value: ({ profiles }) => [...profiles].sort(),
    lines: ({ profiles }) =>
      PROFILE_CHOICES.filter(({ profile }) => profiles.includes(profile)).map(({ label }) => label),
  },
  {
    label: 'Expiry',
    members: ['expires', 'expiresOn', 'keptExpiry'],
    value: (draft) => draft.expires && expiryOf(draft),
    lines: (draft) => {
      const end = expiryOf(draft);
      return [draft.expires ? (end ? formatEnd(end) : 'No date chosen') : 'Never'];
    },
  },
  {
    label: 'Access',
    members: ['access'],
    value: ({ access }) => (inherits(access) ? null : chosenGrants(access)),
    lines: ({ access }) =>
      inherits(access)
        ? [`Everything that ${access.serviceAccount?.name ?? 'its service account'} can do`]
        : grantLines(rowsOf(access), names),
  },
  {
    label: 'Rate limits',
    members: ['limits'],
    value: limitsOf,
    lines: (draft) =>
      limitsOf(draft).map(({ name, limit, windowSeconds }) => {
        const words = describeLimit({
          name: name ?? '',
          limit: limit ?? 0,
          windowSeconds: windowSeconds ?? 0,
        });
        return name ? `${words} (${name})` : words;
      }),
  },
  {
    label: 'Quotas',
    members: ['quotas'],
    value: ({ quotas }) => quotasIn(quotas),
    lines: ({ quotas }) => quotasIn(quotas).map(describeQuota),
  },
  {
    label: 'Allowed IP ranges',
    members: ['addresses'],
    value: ({ addresses }) => addressList(addresses),
    lines: ({ addresses }) => addressList(addresses),
  },
  switchField('Active', 'enabled'),
  switchField('Locked', 'locked'),
];
