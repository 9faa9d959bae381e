import type {
  CreateApiKeyInput,
  GrantInput,
  KeyAccessQuery,
  UpdateApiKeyInput,
} from '../../../gql/graphql.js';
import { checkGrants, draftsOf, toGrantInputs, type GrantDraft } from '../../../lib/grants.js';
import type { ScopeChoice } from '../../../lib/scopes.js';
import type { ServiceAccountChoice } from '../../../lib/service-accounts.js';

/** The access of a key being edited. */
export type KeyAccess = NonNullable<KeyAccessQuery['apiKey']>;

/** The access of a key in its form. */
export interface AccessDraft {
  /** Whether it has its own grants or inherits from a service account. */
  source: 'own' | 'account';
  serviceAccount: ServiceAccountChoice | null;
  /** Whether the selection below narrows what it inherits. */
  narrowed: boolean;
  /** One set of permissions for all scopes, or rows of roles and permissions, each with its own scope. */
  shape: 'same' | 'rows';
  permissions: string[];
  /** The scopes of the permissions; empty: the whole installation. */
  scopes: ScopeChoice[];
  rows: GrantDraft[];
  /** The scope of a standalone key; null: the lowest scope above all its grants. */
  home: ScopeChoice | null;
}

/** The default access of a new key; `scope` is the default for the key and its permissions. */
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

/** Whether grants are one set of permissions at several scopes, or only at the root. */
function isSame(grants: readonly GrantDraft[]): boolean {
  const texts = new Set(grants.map(({ permissions }) => [...permissions].sort().join(' ')));
  const atRoot = grants.some(({ scope }) => scope === null);
  return (
    texts.size <= 1 &&
    grants.every(({ source }) => source === 'permissions') &&
    !(atRoot && grants.length > 1)
  );
}

/** Converts the access of a key for the form. */
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

/** The selected grants; none without permissions. */
export function chosenGrants({ shape, permissions, scopes, rows }: AccessDraft): GrantInput[] {
  if (shape === 'rows') return toGrantInputs(rows);
  if (!permissions.length) return [];
  return scopes.length ? scopes.map(({ id }) => ({ permissions, scopeId: id })) : [{ permissions }];
}

/** Validates the selection before sending. Only users with a grant at the root can grant there. */
export function checkAccess(access: AccessDraft, mayUseRoot: boolean): Record<string, string> {
  const { source, serviceAccount, narrowed, shape, permissions, scopes, rows } = access;
  if (source === 'account' && !serviceAccount) return { serviceAccount: 'Choose a service account.' };
  if (source === 'account' && !narrowed) return {};
  // Narrowing only removes permissions: at the root it lists what to keep everywhere.
  const rootIsFine = mayUseRoot || source === 'account';
  if (shape === 'rows') return checkGrants(rows, rootIsFine);
  if (permissions.length && !scopes.length && !rootIsFine) return { scopes: 'Choose where they hold.' };
  return {};
}

/** The access input of a new key. */
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

/** The access input of an edited key: empty if unchanged; null to inherit everything. */
export function toUpdateAccess(access: AccessDraft, before: AccessDraft): Pick<UpdateApiKeyInput, 'grants'> {
  const asked = (draft: AccessDraft): GrantInput[] | null =>
    draft.source === 'account' && !draft.narrowed ? null : chosenGrants(draft);
  const grants = asked(access);
  return JSON.stringify(grants) === JSON.stringify(asked(before)) ? {} : { grants };
}
