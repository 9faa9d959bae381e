import type { Environment, KeyHoldReason, KeyStatus, UserStatus } from '../gql/graphql.js';

/** Display of a state: always an icon and a word; color is never the only cue. */
export interface Look {
  label: string;
  icon: string;
  color: 'success' | 'warning' | 'error' | 'neutral';
}

/** Display of key statuses. */
export const STATUS_LOOKS: Record<KeyStatus, Look> = {
  ACTIVE: { label: 'Active', icon: 'i-lucide-circle-check', color: 'success' },
  EXPIRING_SOON: { label: 'Expiring soon', icon: 'i-lucide-clock-alert', color: 'warning' },
  EXPIRED: { label: 'Expired', icon: 'i-lucide-calendar-x', color: 'error' },
  INACTIVE: { label: 'Inactive', icon: 'i-lucide-circle-pause', color: 'neutral' },
  REVOKED: { label: 'Revoked', icon: 'i-lucide-ban', color: 'neutral' },
};

/** Why a key is inactive, by its `inactiveReason`. */
export const INACTIVE_REASONS: Readonly<Record<string, string>> = {
  DISABLED: 'The key is disabled.',
  SERVICE_ACCOUNT_DISABLED: 'Its service account is disabled.',
  API_DISABLED: 'The API of its customer or organization is off.',
};

/** What a restored database lost about a key, or about the source of its access, for use in a sentence. */
export const HOLD_WORDS: Record<KeyHoldReason, string> = {
  REVOKED: 'revoked',
  DISABLED: 'disabled',
  SERVICE_ACCOUNT_DISABLED: 'service account disabled',
  API_DISABLED: 'API turned off',
  SECRET_REPLACED: 'secret replaced',
  EXPIRY: 'earlier expiry',
  ACCESS: 'less access',
  ADDRESSES: 'fewer addresses',
  LIMITS: 'lower limits',
  SIGNATURES: 'fewer signature methods',
};

/** Display of a key that is held to less than the database says. */
export const HELD_LOOK: Look = { label: 'Held', icon: 'i-lucide-hand', color: 'warning' };

/** Labels of the environments. */
export const ENVIRONMENT_LABELS: Record<Environment, string> = {
  PRODUCTION: 'Production',
  STAGING: 'Staging',
  DEVELOPMENT: 'Development',
};

/** Display of user states. */
export const USER_STATUS_LOOKS: Record<UserStatus, Look> = {
  ACTIVE: { label: 'Active', icon: 'i-lucide-circle-check', color: 'success' },
  INVITED: { label: 'Invited', icon: 'i-lucide-mail', color: 'warning' },
  DISABLED: { label: 'Disabled', icon: 'i-lucide-circle-pause', color: 'neutral' },
};

/** Display of second-factor states. */
export const SECOND_FACTOR_LOOKS: Record<'on' | 'off', Look> = {
  on: { label: 'On', icon: 'i-lucide-shield-check', color: 'success' },
  off: { label: 'Off', icon: 'i-lucide-shield-off', color: 'neutral' },
};

/** Display of switch states. */
export const SWITCH_LOOKS: Record<'on' | 'off' | 'offAbove', Look> = {
  on: { label: 'On', icon: 'i-lucide-circle-check', color: 'success' },
  off: { label: 'Off', icon: 'i-lucide-circle-pause', color: 'neutral' },
  offAbove: { label: 'Off above', icon: 'i-lucide-circle-arrow-up', color: 'warning' },
};

/** Display of the enabled and disabled states. */
export const ENABLED_LOOKS: Record<'enabled' | 'disabled', Look> = {
  enabled: { label: 'Enabled', icon: 'i-lucide-circle-check', color: 'success' },
  disabled: { label: 'Disabled', icon: 'i-lucide-circle-pause', color: 'neutral' },
};
