import type { EventType } from '@keywright/schema/event-types';
import { eventData, type Event } from './event.js';
import type { EventPayloads } from './event-payloads.js';
import { initialValues } from './field-changes.js';
import type { Json } from '../scalars/json.js';
import { nounOf } from './event-visibility.js';

const SCOPE = 'scp_01m8q0shdhebewvnt907d8804g';
const AT = '2026-11-30T09:26:53.000Z';
const LATER = '2027-02-28T09:26:53.000Z';
const GRANTS = [{ permissions: ['view_invoice'], scope: SCOPE }];
const HOLD = { hold: { before: ['REVOKED'], after: null } };

const key = {
  name: 'Billing sync',
  description: 'Nightly export of invoices',
  kind: 'BEARER',
  environment: 'PRODUCTION',
  enabled: true,
  locked: false,
  scopeId: SCOPE,
  serviceAccountId: null,
  signatureProfiles: [],
  rateLimits: [{ name: 'per minute', limit: 600, windowSeconds: 60 }],
  quotas: [],
  allowedCidrs: ['203.0.113.0/24'],
  metadata: { team: 'billing' },
  expiresAt: LATER,
  narrowed: false,
  grants: GRANTS,
} as const;
const rule = {
  environments: ['PRODUCTION'],
  method: 'GET',
  pathPattern: '/invoices/{id}',
  access: 'PERMISSION',
  permission: 'view_invoice',
  scopeParameter: null,
  description: null,
  position: 1,
} as const;
const renamed = { name: { before: 'Billing', after: 'Billing sync' } };
const switchedOn = { enabled: { before: false, after: true } };
const switchedOff = { enabled: { before: true, after: false } };
const apiOn = { apiEnabled: { before: false, after: true } };
const apiOff = { apiEnabled: { before: true, after: false } };

/** An example of the changes that each type of event reports. */
const EXAMPLES: EventPayloads = {
  'api_key.created': initialValues(key),
  'api_key.duplicated': { ...initialValues(key), duplicateOf: { after: 'key_01m8q0sjhxemtatd5k49njv8s0' } },
  'api_key.updated': { ...renamed, expiresAt: { before: null, after: LATER } },
  'api_key.enabled': switchedOn,
  'api_key.disabled': switchedOff,
  'api_key.locked': { locked: { before: false, after: true } },
  'api_key.unlocked': { locked: { before: true, after: false } },
  'api_key.regenerated': {
    secretVersion: { before: 1, after: 2 },
    overlapEndsAt: { before: null, after: AT },
  },
  'api_key.overlap_ended': { overlapEndsAt: { before: AT, after: null } },
  'api_key.revoked': { revoked: { before: false, after: true }, reason: { after: 'No longer used' } },
  'api_key.hold_applied': HOLD,
  'api_key.hold_released': HOLD,
  'service_account.created': initialValues({
    name: 'Invoice export',
    description: null,
    grants: GRANTS,
    enabled: true,
  }),
  'service_account.updated': { description: { before: null, after: 'Nightly export to the ledger' } },
  'service_account.enabled': switchedOn,
  'service_account.disabled': switchedOff,
  'service_account.deleted': { name: { before: 'Invoice export', after: null } },
  'service_account.hold_applied': HOLD,
  'service_account.hold_released': HOLD,
  'role.created': initialValues({ name: 'Accountant', description: null, permissions: ['view_invoice'] }),
  'role.updated': { permissions: { before: ['view_invoice'], after: ['view_invoice', 'create_payment'] } },
  'role.deleted': { name: { before: 'Accountant', after: null } },
  'role.hold_applied': HOLD,
  'role.hold_released': HOLD,
  'permission.created': initialValues({ label: 'Refund', group: 'Billing', description: null }),
  'permission.updated': { label: { before: 'Refund', after: 'Create refunds' } },
  'permission.deleted': { label: { before: 'Create refunds', after: null } },
  'scope.created': initialValues({
    name: 'Acme Industries',
    email: 'it@acme.example',
    joinedOn: '2026-11-30',
    parent: null,
    kind: 'CUSTOMER',
    apiEnabled: true,
  }),
  'scope.updated': { name: { before: 'Acme', after: 'Acme Industries' } },
  'scope.moved': { parent: { before: SCOPE, after: 'scp_01m8q0shdhebewvnt907d8804h' } },
  'scope.deleted': { name: { before: 'Acme Industries', after: null } },
  'scope.api_enabled': apiOn,
  'scope.api_disabled': apiOff,
  'scope.hold_applied': HOLD,
  'scope.hold_released': HOLD,
  'route_rule.created': initialValues(rule),
  'route_rule.updated': { permission: { before: 'view_invoice', after: 'create_payment' } },
  'route_rule.moved': { position: { before: 1, after: 3 } },
  'route_rule.deleted': { pathPattern: { before: '/invoices/{id}', after: null } },
  'route_rule.imported': {
    environments: { after: ['PRODUCTION'] },
    mode: { after: 'ADD' },
    added: { after: ['GET /invoices/{id}: view_invoice'] },
    changed: { after: [] },
    removed: { after: [] },
  },
  'route_rule.hold_applied': HOLD,
  'route_rule.hold_released': HOLD,
  'user.created': { email: { before: null, after: 'ada@acme.example' } },
  'user.invited': { email: { after: 'ada@acme.example' }, grants: { after: GRANTS } },
  'user.invitation_renewed': { expiresAt: { after: LATER } },
  'user.invitation_revoked': {},
  'user.invitation_accepted': { email: { after: 'ada@acme.example' }, grants: { after: GRANTS } },
  'user.invitation_declined': {},
  'user.updated': { grants: { before: [], after: GRANTS } },
  'user.enabled': switchedOn,
  'user.disabled': switchedOff,
  'user.identity_linked': { issuer: { after: 'https://login.acme.example' }, subject: { after: 'ada' } },
  'user.group_roles_changed': {
    grants: { before: [], after: [{ role: 'Viewer', scope: 'Acme Industries', scopeId: SCOPE }] },
    source: { after: 'groups' },
  },
  'user.password_link_created': { kind: { after: 'RESET' }, expiresAt: { after: LATER } },
  'user.password_changed': {},
  'user.two_factor_enabled': {},
  'user.two_factor_disabled': {},
  'user.two_factor_reset': {},
  'user.recovery_code_used': {},
  'user.recovery_codes_renewed': {},
  'user.sessions_ended': { ended: { after: 2 } },
  'user.signed_in': { method: { after: 'PASSWORD' } },
  'user.signed_out': {},
  'setting.updated': { twoFactorRequired: { before: false, after: true } },
  'setting.group_role_bound': {
    name: { after: 'Viewer' },
    role: { after: 'rol_00000000000000000000000005' },
  },
  'audit_log.pruned': { removedEvents: { after: 1200 }, lastRemovedHash: { after: 'ab'.repeat(32) } },
};

/** ID and name of the object in the examples, by the noun of the type. */
const SUBJECTS: Readonly<Record<string, readonly [id: string | null, name: string | null]>> = {
  api_key: ['key_01m8q0sjhxemtatd5k49njv8s0', 'Billing sync'],
  service_account: ['sva_01m8q0sj4ge07bg3g3qp81xgzh', 'Invoice export'],
  role: ['rol_01m8q0sj4ge07bg3g3qp81xgzh', 'Accountant'],
  permission: ['create_refund', 'create_refund'],
  scope: [SCOPE, 'Acme Industries'],
  route_rule: ['rul_01m8q0sj4ge07bg3g3qp81xgzh', 'GET /invoices/{id}'],
  user: ['usr_01m8q0sj4ge07bg3g3qp81xgzh', 'Ada Operator'],
  setting: [null, 'Settings'],
  audit_log: [null, null],
};

/** An example of the data of an event. */
export function exampleOf(type: EventType): Json {
  const [subjectId, subjectName] = SUBJECTS[nounOf(type)]!;
  const ofKey = nounOf(type) === 'api_key';
  const event: Event = {
    id: 'evt_01m8q0sj4ge07bg3g3qp81xgzh',
    at: new Date(AT),
    type,
    environment: ofKey ? 'PRODUCTION' : null,
    actor: { kind: 'USER', id: 'usr_01m8q0sj4ge07bg3g3qp81xgzh', name: 'Ada Operator' },
    subjectType: '',
    subjectId,
    subjectName,
    scopeId: SCOPE,
    scopePath: [SCOPE],
    changeToken: '7421-aud_01m8q0sj4ge07bg3g3qp81xgzh',
    changes: EXAMPLES[type] as Event['changes'],
  };
  return eventData(event, event.changes) as Json;
}
