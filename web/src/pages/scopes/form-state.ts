import type { CreateScopeInput, ScopeKind, ScopeRowFragment, UpdateScopeInput } from '../../gql/graphql.js';
import { MAX_NAME } from '@keywright/schema/bounds';
import { changedMembers } from '../../lib/conflict.js';
import { formatCount, tooLong } from '../../lib/number.js';
import { formatDay } from '../../lib/time.js';
import { hasApiSwitch } from '../../lib/scopes.js';

/** What the form of a scope holds; the last three only count for the kinds that have them. */
export interface ScopeDraft {
  name: string;
  email: string;
  /** A day, `YYYY-MM-DD`. */
  joinedOn: string;
  apiEnabled: boolean;
  /** Most keys, as it is typed; empty: no limit of its own. */
  maximumKeys: string;
}

const MAX_MAXIMUM_KEYS = 2_147_483_647;

/** The form of a scope, or that of a new one, which joins today. */
export function draftOf(scope: ScopeRowFragment | undefined, today: string): ScopeDraft {
  return {
    name: scope?.name ?? '',
    email: scope?.email ?? '',
    joinedOn: scope?.joinedOn ?? today,
    apiEnabled: scope?.apiEnabled ?? false,
    maximumKeys: String(scope?.maximumKeys ?? ''),
  };
}

/** The latest UTC day that can be chosen as that of joining: today, or one after it that is chosen already. */
export const latestJoin = (scope: { joinedOn?: string | null } | undefined, today: string): string =>
  scope?.joinedOn && scope.joinedOn > today ? scope.joinedOn : today;

/** What is wrong with a form before it is sent, by field; `latest` is the latest day of joining. */
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
    errors['maximumKeys'] = `Enter a whole number from 0 to ${formatCount(MAX_MAXIMUM_KEYS)}, or nothing.`;
  }
  return errors;
}

/** The limit that the form holds; null: none of its own. */
export const maximumOf = ({ maximumKeys }: ScopeDraft): number | null =>
  maximumKeys.trim() === '' ? null : Number(maximumKeys);

function common(draft: ScopeDraft, kind: ScopeKind) {
  const customer = kind === 'CUSTOMER' ? { email: draft.email.trim(), joinedOn: draft.joinedOn } : {};
  return { name: draft.name.trim(), ...customer };
}

/** What is sent to make a scope; without a parent it lies at the root. */
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

/** What is sent to change a scope: only what differs. */
export function toUpdateInput(draft: ScopeDraft, scope: ScopeRowFragment): UpdateScopeInput {
  const members = (form: ScopeDraft) => ({
    ...common(form, scope.kind),
    ...(scope.kind === 'CUSTOMER' ? { maximumKeys: maximumOf(form) } : {}),
  });
  return { id: scope.id, ...changedMembers(members(draftOf(scope, '')), members(draft)) };
}
