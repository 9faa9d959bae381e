import { registerEnumType } from 'type-graphql';
import type { QuotaPeriod } from '../limits/limit-rules.js';

export const KeyKindEnum = { BEARER: 'BEARER', SIGNED: 'SIGNED' } as const;
registerEnumType(KeyKindEnum, {
  name: 'KeyKind',
  description: 'BEARER: the secret itself is sent. SIGNED: the secret signs, and is never sent.',
});

export const SignatureProfileEnum = { TIMESTAMP: 'TIMESTAMP', EXPIRY: 'EXPIRY', RFC9421: 'RFC9421' } as const;
registerEnumType(SignatureProfileEnum, {
  name: 'SignatureProfile',
  description: 'How a SIGNED key can sign its requests.',
});

export const QuotaPeriodEnum = { DAY: 'DAY', MONTH: 'MONTH' } as const satisfies Record<
  QuotaPeriod,
  QuotaPeriod
>;
registerEnumType(QuotaPeriodEnum, {
  name: 'QuotaPeriod',
  description: 'A calendar day or month in UTC.',
});

export const KeyStatusEnum = {
  ACTIVE: 'ACTIVE',
  EXPIRING_SOON: 'EXPIRING_SOON',
  INACTIVE: 'INACTIVE',
  EXPIRED: 'EXPIRED',
  REVOKED: 'REVOKED',
} as const;
registerEnumType(KeyStatusEnum, {
  name: 'KeyStatus',
  description:
    'First match wins: REVOKED, EXPIRED, INACTIVE (disabled), EXPIRING_SOON (within 30 x 24 h), ACTIVE.',
});

export const KeySortFieldEnum = {
  NAME: 'NAME',
  CREATED: 'CREATED',
  MODIFIED: 'MODIFIED',
  EXPIRES: 'EXPIRES',
  CREATED_BY: 'CREATED_BY',
  LAST_USED: 'LAST_USED',
  USAGE: 'USAGE',
} as const;
registerEnumType(KeySortFieldEnum, {
  name: 'ApiKeySortField',
  description:
    'Sort fields for lists of keys. LAST_USED and USAGE sort by figures that are up to a minute old.',
});

export const SortDirectionEnum = { ASC: 'ASC', DESC: 'DESC' } as const;
registerEnumType(SortDirectionEnum, { name: 'SortDirection', description: 'Ascending or descending.' });
