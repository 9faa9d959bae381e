import type {
  CreateApiKeyInput,
  GrantInput,
  KeyAccessQuery,
  UpdateApiKeyInput,
} from '../../../gql/graphql.js';
import { checkGrants, draftsOf, toGrantInputs, type GrantDraft } from '../../../lib/grants.js';
import type { ScopeChoice } from '../../../lib/scopes.js';
import type { ServiceAccountChoice } from '../../../lib/service-accounts.js';

/** What is known of the rights of a key that is being edited. */
export type KeyAccess = NonNullable<KeyAccessQuery['apiKey']>;

/** The rights of a key as they are being chosen. */
export interface AccessDraft {
  /** Whether it stands alone or inherits from a service account. */
  source: 'own' | 'account';
  serviceAccount: ServiceAccountChoice | null;
  /** Whether it may do less than its service account; what is chosen below narrows it then. */
  narrowed: boolean;
  /** One choice of permissions for all scopes, or rows of roles and permissions, each with a scope of its own. */
  shape: 'same' | 'rows';
  permissions: string[];
  /** Where the permissions hold; none: the whole installation. */
  scopes: ScopeChoice[];
  rows: GrantDraft[];
  /** Where a key that stands alone lies; null: where its grants meet. */
  home: ScopeChoice | null;
}

/** The rights of a new key, before anything is chosen; `scope` is where it can hold and lie at first. */
export function newAccess(
  scope: ScopeChoice | null = null,
  serviceAccount: ServiceAccountChoice | null = null,
): AccessDraft {
  return {
    source: serviceAccount ? 'account' : 'own',
    serviceAccount,
    narrowed: false,
    shape: 'same',
    permissions: [],
    scopes: scope ? [scope] : [],
    rows: [],
    home: scope,
  };
}

/** Whether grants are one set of permissions at several scopes, or at the root alone. */
function isSame(grants: readonly GrantDraft[]): boolean {
  const texts = new Set(grants.map(({ permissions }) => [...permissions].sort().join(' ')));
  const atRoot = grants.some(({ scope }) => scope === null);
  return (
    texts.size <= 1 &&
    grants.every(({ source }) => source === 'permissions') &&
    !(atRoot && grants.length > 1)
  );
}

/** The rights of a key as the form shows them. */
export function accessOf({ grants, narrowed, scope, serviceAccount }: KeyAccess): AccessDraft {
  const rows = draftsOf(grants.filter(({ inheritedFrom }) => !inheritedFrom));
  const same = isSame(rows);
  return {
    source: serviceAccount ? 'account' : 'own',
    serviceAccount: serviceAccount ?? null,
    narrowed,
    shape: same ? 'same' : 'rows',
    permissions: same ? [...(rows[0]?.permissions ?? [])] : [],
    scopes: same ? rows.flatMap((row) => (row.scope ? [row.scope] : [])) : [],
    rows: same ? [] : rows,
    home: scope.kind === 'ROOT' ? null : scope,
  };
}

/** The grants that were chosen. Of nothing there is no grant. */
export function chosenGrants({ shape, permissions, scopes, rows }: AccessDraft): GrantInput[] {
  if (shape === 'rows') return toGrantInputs(rows);
  if (!permissions.length) return [];
  return scopes.length ? scopes.map(({ id }) => ({ permissions, scopeId: id })) : [{ permissions }];
}

/** What is wrong with the choice before it is sent. Only who holds something at the root can grant there. */
export function checkAccess(access: AccessDraft, mayUseRoot: boolean): Record<string, string> {
  const { source, serviceAccount, narrowed, shape, permissions, scopes, rows } = access;
  if (source === 'account' && !serviceAccount) return { serviceAccount: 'Choose a service account.' };
  if (source === 'account' && !narrowed) return {};
  // Narrowing takes away: at the root it says no more than what to keep everywhere.
  const rootIsFine = mayUseRoot || source === 'account';
  if (shape === 'rows') return checkGrants(rows, rootIsFine);
  if (permissions.length && !scopes.length && !rootIsFine) return { scopes: 'Choose where they hold.' };
  return {};
}

/** What is sent of the rights of a new key. */
export function toCreateAccess(
  access: AccessDraft,
): Pick<CreateApiKeyInput, 'grants' | 'serviceAccountId' | 'scopeId'> {
  const { source, serviceAccount, narrowed, home } = access;
  if (source === 'own') return { grants: chosenGrants(access), ...(home ? { scopeId: home.id } : {}) };
  return {
    serviceAccountId: serviceAccount?.id ?? null,
    ...(narrowed ? { grants: chosenGrants(access) } : {}),
  };
}

/** What is sent of the rights of a key that is changed: nothing when they were not; null lets it inherit everything. */
export function toUpdateAccess(access: AccessDraft, before: AccessDraft): Pick<UpdateApiKeyInput, 'grants'> {
  const asked = (draft: AccessDraft): GrantInput[] | null =>
    draft.source === 'account' && !draft.narrowed ? null : chosenGrants(draft);
  const grants = asked(access);
  return JSON.stringify(grants) === JSON.stringify(asked(before)) ? {} : { grants };
}
