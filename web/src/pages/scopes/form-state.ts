import type { CreateScopeInput, ScopeKind, ScopeRowFragment, UpdateScopeInput } from '../../gql/graphql.js';
import { MAX_NAME } from '@keywright/schema/bounds';
import { changedMembers } from '../../lib/conflict.js';
import { formatCount, tooLong } from '../../lib/number.js';
import { formatDay } from '../../lib/time.js';
import { hasApiSwitch } from '../../lib/scopes.js';

/** Form data of a scope; the last three fields apply only to some kinds. */
export interface ScopeDraft {
  name: string;
  email: string;
  /** A day, `YYYY-MM-DD`. */
  joinedOn: string;
  apiEnabled: boolean;
  /** Max keys as entered; empty: no own limit. */
  maximumKeys: string;
}

const MAX_MAXIMUM_KEYS = 2_147_483_647;

/** The form data of a scope, or of a new one with today's join date. */
export function draftOf(scope: ScopeRowFragment | undefined, today: string): ScopeDraft {
  return {
    name: scope?.name ?? '',
    email: scope?.email ?? '',
    joinedOn: scope?.joinedOn ?? today,
    apiEnabled: scope?.apiEnabled ?? false,
    maximumKeys: String(scope?.maximumKeys ?? ''),
  };
}

/** The latest join date allowed: today (UTC), or the current date if later. */
export const latestJoin = (scope: { joinedOn?: string | null } | undefined, today: string): string =>
  scope?.joinedOn && scope.joinedOn > today ? scope.joinedOn : today;

/** Validates the form before sending, by field; `latest` is the latest join date. */
export function checkDraft(draft: ScopeDraft, kind: ScopeKind, latest: string): Record<string, string> {
  const errors: Record<string, string> = {};
  const name = draft.name.trim();
  if (!name) errors['name'] = 'Enter a name.';
  else if ([...name].length > MAX_NAME) errors['name'] = tooLong(MAX_NAME);
  if (kind !== 'CUSTOMER') return errors;
  if (!/^\S+@\S+$/.test(draft.email.trim())) errors['email'] = 'Enter an e-mail address.';
  if (!draft.joinedOn) errors['joinedOn'] = 'Choose a date.';
  else if (draft.joinedOn > latest) errors['joinedOn'] = `The latest day is ${formatDay(latest)} (UTC).`;
  const maximum = maximumOf(draft);
  if (maximum !== null && !(Number.isInteger(maximum) && maximum >= 0 && maximum <= MAX_MAXIMUM_KEYS)) {
    errors['maximumKeys'] =
      `Enter a whole number from 0 to ${formatCount(MAX_MAXIMUM_KEYS)}, or leave this empty.`;
  }
  return errors;
}

/** The key limit in the form; null: no own limit. */
export const maximumOf = ({ maximumKeys }: ScopeDraft): number | null =>
  maximumKeys.trim() === '' ? null : Number(maximumKeys);

function common(draft: ScopeDraft, kind: ScopeKind) {
  const customer = kind === 'CUSTOMER' ? { email: draft.email.trim(), joinedOn: draft.joinedOn } : {};
  return { name: draft.name.trim(), ...customer };
}

/** The input to create a scope; without a parent, below the root. */
export function toCreateInput(
  draft: ScopeDraft,
  kind: ScopeKind,
  parentId: string | undefined,
): CreateScopeInput {
  return {
    ...common(draft, kind),
    kind,
    apiEnabled: hasApiSwitch(kind) && draft.apiEnabled,
    ...(parentId ? { parentId } : {}),
  };
}

/** The input to change a scope: only the differences. */
export function toUpdateInput(draft: ScopeDraft, scope: ScopeRowFragment): UpdateScopeInput {
  const members = (form: ScopeDraft) => ({
    ...common(form, scope.kind),
    ...(scope.kind === 'CUSTOMER' ? { maximumKeys: maximumOf(form) } : {}),
  });
  return { id: scope.id, ...changedMembers(members(draftOf(scope, '')), members(draft)) };
}
