import { toCsv } from '@keywright/schema/csv';
import { ENVIRONMENT_LABELS, STATUS_LOOKS } from '../../lib/labels.js';
import { describeQuota } from '../../lib/quotas.js';
import { describeLimit } from '../../lib/rate-limits.js';
import { scopePathText } from '../../lib/scopes.js';
import type { KeyListRow } from './key-row.js';

const HEADER = [
  'Name',
  'Description',
  'Status',
  'Key ID',
  'Key',
  'Environment',
  'Permissions',
  'Rate limits',
  'Quota',
  'Usage',
  'Last used',
  'Created',
  'Created by',
  'Modified',
  'Expires',
  'Service account',
  'Scope',
];

/** The exported list of keys; instants in RFC 3339, no secrets. */
export function keysCsv(keys: readonly KeyListRow[]): string {
  const rows = keys.map((key) => [
    key.name,
    key.description ?? '',
    STATUS_LOOKS[key.status].label,
    key.id,
    key.maskedSecret,
    ENVIRONMENT_LABELS[key.environment],
    key.permissions.join(' '),
    key.rateLimits.map(describeLimit).join('; '),
    key.quotas.map(describeQuota).join('; '),
    key.usage?.total ?? null,
    key.lastUsedAt ?? '',
    key.createdAt,
    key.createdBy.name,
    key.updatedAt,
    key.expiresAt ?? '',
    key.serviceAccount?.name ?? '',
    scopePathText(key.scope),
  ]);
  return toCsv([HEADER, ...rows]);
}
