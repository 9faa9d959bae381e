import type { Environment } from '@keywright/schema/environment';
import type { CurrentKeyIds } from '../../core/key-ring.js';
import type { GrantSummary } from '../access/decide/grant.js';
import type { Quota } from '../limits/limit-rules.js';
import type { Json } from '../scalars/json.js';
import type { ScopeKind } from '../scopes/tree/scope.js';
import type { SignatureProfile } from '../signatures/signature-profile.js';
import type { Changed, FieldChange } from './field-changes.js';

type Grants = readonly GrantSummary[];

/** Settings of a key that an update can change. */
export interface KeySettings {
  readonly name: string;
  readonly description: string | null;
  readonly signatureProfiles: readonly SignatureProfile[];
  readonly rateLimits: readonly {
    readonly name: string;
    readonly limit: number;
    readonly windowSeconds: number;
  }[];
  readonly quotas: readonly Quota[];
  readonly allowedCidrs: readonly string[];
  readonly metadata: { readonly [name: string]: Json };
  readonly expiresAt: string | null;
  readonly narrowed: boolean;
  readonly grants: Grants;
}

/** Fields of a new key. */
export interface NewKeyFields extends KeySettings {
  readonly kind: 'BEARER' | 'SIGNED';
  readonly environment: Environment;
  readonly enabled: boolean;
  readonly locked: boolean;
  readonly scopeId: string;
  readonly serviceAccountId: string | null;
}

/** The switch of a key, and the user with whom it was disabled. */
export interface KeySwitch {
  readonly enabled: boolean;
  readonly disabledWithUser: string | null;
}

/** Fields of a service account; `enabled` of a new one only. */
export interface ServiceAccountFields {
  readonly name: string;
  readonly description: string | null;
  readonly grants: Grants;
}

/** Fields of a role. */
export interface RoleFields {
  readonly name: string;
  readonly description: string | null;
  readonly permissions: readonly string[];
}

/** Fields of an entry of the permission catalog. */
export interface PermissionFields {
  readonly label: string;
  readonly group: string;
  readonly description: string | null;
}

/** Fields of a scope. */
export interface ScopeFields {
  readonly name: string;
  readonly email: string | null;
  readonly joinedOn: string | null;
  readonly maximumKeys: number | null;
  /** ID of the parent. */
  readonly parent: string | null;
}

/** Fields of a route rule. */
export interface RouteRuleFields {
  readonly environments: readonly Environment[];
  readonly method: string;
  readonly pathPattern: string;
  readonly access: string;
  readonly permission: string | null;
  readonly scopeParameter: string | null;
  readonly description: string | null;
}

/** Settings of the installation, and the ids of the key material in use. */
export interface SettingFields extends CurrentKeyIds {
  readonly twoFactorRequired: boolean;
  readonly routeDefault: string;
}

/** A settled hold with the reasons for it. */
interface Hold {
  readonly hold: FieldChange<readonly string[]>;
}

interface Position {
  readonly position: number;
}

interface Deleted {
  readonly name: FieldChange<string>;
}

type Nothing = Readonly<Record<never, never>>;

/** The changed fields that each type of event reports. Never a secret, a digest, a token or a link. */
export interface EventPayloads {
  'api_key.created': Changed<NewKeyFields>;
  'api_key.duplicated': Changed<NewKeyFields & { readonly duplicateOf: string }>;
  'api_key.updated': Changed<KeySettings>;
  'api_key.enabled': Changed<KeySwitch>;
  'api_key.disabled': Changed<KeySwitch>;
  'api_key.locked': { readonly locked: FieldChange<boolean> };
  'api_key.unlocked': { readonly locked: FieldChange<boolean> };
  'api_key.regenerated': {
    readonly secretVersion: FieldChange<number>;
    readonly overlapEndsAt: FieldChange<string>;
  };
  'api_key.overlap_ended': { readonly overlapEndsAt: FieldChange<string> };
  'api_key.revoked': { readonly revoked: FieldChange<boolean>; readonly reason: FieldChange<string> };
  'api_key.hold_applied': Hold;
  'api_key.hold_released': Hold;
  'service_account.created': Changed<ServiceAccountFields & { readonly enabled: boolean }>;
  'service_account.updated': Changed<ServiceAccountFields>;
  'service_account.enabled': { readonly enabled: FieldChange<boolean> };
  'service_account.disabled': { readonly enabled: FieldChange<boolean> };
  'service_account.deleted': Deleted;
  'service_account.hold_applied': Hold;
  'service_account.hold_released': Hold;
  'role.created': Changed<RoleFields>;
  'role.updated': Changed<RoleFields>;
  'role.deleted': Deleted;
  'role.hold_applied': Hold;
  'role.hold_released': Hold;
  'permission.created': Changed<PermissionFields>;
  'permission.updated': Changed<PermissionFields>;
  'permission.deleted': { readonly label: FieldChange<string> };
  'scope.created': Changed<
    Omit<ScopeFields, 'maximumKeys'> & { readonly kind: ScopeKind; readonly apiEnabled: boolean }
  >;
  'scope.updated': Changed<Omit<ScopeFields, 'parent'>>;
  'scope.moved': Changed<ScopeFields>;
  'scope.deleted': Deleted;
  'scope.api_enabled': { readonly apiEnabled: FieldChange<boolean> };
  'scope.api_disabled': { readonly apiEnabled: FieldChange<boolean> };
  'scope.hold_applied': Hold;
  'scope.hold_released': Hold;
  'route_rule.created': Changed<RouteRuleFields & Position>;
  'route_rule.updated': Changed<RouteRuleFields>;
  'route_rule.moved': { readonly position: FieldChange<number> };
  'route_rule.deleted': Changed<RouteRuleFields & Position>;
  'route_rule.imported': {
    readonly environments: FieldChange<readonly Environment[]>;
    readonly mode: FieldChange<string>;
    /** Each rule as `METHOD path: who`. */
    readonly added: FieldChange<readonly string[]>;
    readonly changed: FieldChange<readonly string[]>;
    readonly removed: FieldChange<readonly string[]>;
  };
  'route_rule.hold_applied': Hold;
  'route_rule.hold_released': Hold;
  'user.created': Changed<{
    readonly email: string;
    readonly role: string;
    /** The identity at the identity provider, if the user was created by signing in with it. */
    readonly issuer: string;
    readonly subject: string;
  }>;
  'user.invited': { readonly email: FieldChange<string>; readonly grants: FieldChange<Grants> };
  'user.invitation_renewed': { readonly expiresAt: FieldChange<string> };
  'user.invitation_revoked': Nothing;
  'user.invitation_accepted': Changed<{ readonly email: string; readonly grants: Grants }>;
  'user.invitation_declined': Nothing;
  'user.updated': Changed<{ readonly name: string; readonly grants: Grants }>;
  'user.enabled': { readonly enabled: FieldChange<boolean> };
  'user.disabled': { readonly enabled: FieldChange<boolean> };
  'user.identity_linked': { readonly issuer: FieldChange<string>; readonly subject: FieldChange<string> };
  'user.group_roles_changed': {
    readonly grants: FieldChange<
      readonly { readonly role: string; readonly scope: string; readonly scopeId: string }[]
    >;
    readonly source: FieldChange<string>;
  };
  'user.password_link_created': {
    readonly kind: FieldChange<string>;
    readonly expiresAt: FieldChange<string>;
  };
  'user.password_changed': Changed<{ readonly name: string }>;
  'user.two_factor_enabled': Nothing;
  'user.two_factor_disabled': Nothing;
  'user.two_factor_reset': Nothing;
  'user.recovery_code_used': Nothing;
  'user.recovery_codes_renewed': Nothing;
  'user.sessions_ended': { readonly ended: FieldChange<number> };
  'user.signed_in': Changed<{ readonly method: string }>;
  'user.signed_out': Nothing;
  'setting.updated': Changed<SettingFields>;
  'setting.group_role_bound': Changed<{ readonly name: string; readonly role: string }>;
  'audit_log.pruned': {
    readonly removedEvents: FieldChange<number>;
    readonly lastRemovedHash: FieldChange<string>;
  };
}
