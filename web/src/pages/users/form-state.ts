import { MAX_NAME } from '@keywright/schema/bounds';
import type { UpdateUserInput, UserRowFragment } from '../../gql/graphql.js';
import { changedMembers } from '../../lib/conflict.js';
import { tooLong } from '../../lib/number.js';
import { checkGrants, draftsOf, newGrant, toGrantInputs, type GrantDraft } from '../../lib/grants.js';
import type { ScopeChoice } from '../../lib/scopes.js';

/** Form data of a user. */
export interface UserDraft {
  email: string;
  name: string;
  grants: GrantDraft[];
}

/** The form data of a user, or an empty form with one unselected role. */
export function draftOf(user: UserRowFragment | undefined, scope: ScopeChoice | null = null): UserDraft {
  return {
    email: user?.email ?? '',
    name: user?.name ?? '',
    grants: user ? draftsOf(user.grants) : [newGrant(scope)],
  };
}

/** Validates the form before sending. The name is optional for an invitation. */
export function checkDraft(draft: UserDraft, invited: boolean, mayUseRoot: boolean): Record<string, string> {
  const errors = checkGrants(draft.grants, mayUseRoot);
  if (invited && !/^\S+@\S+$/.test(draft.email.trim())) errors['email'] = 'Enter an e-mail address.';
  const name = draft.name.trim();
  if (!name && !invited) errors['name'] = 'Enter a name.';
  if ([...name].length > MAX_NAME) errors['name'] = tooLong(MAX_NAME);
  return errors;
}

/** The input to invite a user. */
export function toInvitation({ email, name, grants }: UserDraft) {
  return { email: email.trim(), name: name.trim() || null, grants: toGrantInputs(grants) };
}

/** The input to change a user: only the differences. */
export function toUpdateInput(draft: UserDraft, user: UserRowFragment): UpdateUserInput {
  const input = ({ name, grants }: UserDraft) => ({ name: name.trim(), grants: toGrantInputs(grants) });
  return { id: user.id, ...changedMembers(input(draftOf(user)), input(draft)) };
}
