import type {
  CreateServiceAccountInput,
  ServiceAccountQuery,
  UpdateServiceAccountInput,
} from '../../gql/graphql.js';
import { MAX_DESCRIPTION, MAX_KEY_NAME } from '@keywright/schema/bounds';
import { changedMembers } from '../../lib/conflict.js';
import { tooLong } from '../../lib/number.js';
import {
  checkGrants,
  draftsOf,
  grantPlace,
  newGrant,
  toGrantInputs,
  type GrantDraft,
} from '../../lib/grants.js';
import type { ScopeChoice } from '../../lib/scopes.js';

/** A service account as loaded by its page. */
export type ServiceAccountPage = NonNullable<ServiceAccountQuery['serviceAccount']>;

/** Form data of a service account. */
export interface AccountDraft {
  name: string;
  description: string;
  /** Its scope; null: the whole installation. */
  scope: ScopeChoice | null;
  grants: GrantDraft[];
  enabled: boolean;
}

/** The form data of an existing service account. */
export function draftOf(account: ServiceAccountPage): AccountDraft {
  return {
    name: account.name,
    description: account.description ?? '',
    scope: account.scope.kind === 'ROOT' ? null : account.scope,
    grants: draftsOf(account.grants),
    enabled: account.enabled,
  };
}

/** The form data of a new service account at a scope, with one role there. */
export function newAccount(scope: ScopeChoice | null): AccountDraft {
  return { name: '', description: '', scope, grants: [newGrant(scope)], enabled: true };
}

/** Validates the form before sending, by field. */
export function checkDraft(draft: AccountDraft, mayUseRoot: boolean): Record<string, string> {
  const errors: Record<string, string> = {};
  const name = draft.name.trim();
  if (!name) errors['name'] = 'Give the service account a name.';
  else if ([...name].length > MAX_KEY_NAME) errors['name'] = tooLong(MAX_KEY_NAME);
  if ([...draft.description.trim()].length > MAX_DESCRIPTION)
    errors['description'] = tooLong(MAX_DESCRIPTION);
  if (!draft.scope && !mayUseRoot) errors['scopeId'] = 'Choose a scope.';
  return { ...errors, ...checkGrants(draft.grants, mayUseRoot) };
}

function common(draft: AccountDraft) {
  return {
    name: draft.name.trim(),
    description: draft.description.trim() || null,
    enabled: draft.enabled,
    grants: toGrantInputs(draft.grants),
  };
}

/** The input to create a service account. */
export function toCreateInput(draft: AccountDraft): CreateServiceAccountInput {
  return { ...common(draft), ...(draft.scope ? { scopeId: draft.scope.id } : {}) };
}

/** The input to change a service account: only the differences. */
export function toUpdateInput(draft: AccountDraft, account: ServiceAccountPage): UpdateServiceAccountInput {
  return { id: account.id, ...changedMembers(common(draftOf(account)), common(draft)) };
}

/** Maps the server's errors to fields of the form. */
export function placeErrors(fields: readonly { path: string; message: string }[]): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const { path, message } of fields) errors[grantPlace(path) ?? path] ??= message;
  return errors;
}
