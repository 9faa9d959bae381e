import { AppError } from '../../core/errors.js';

/** Where the limit comes from. */
export type LicenseSource = 'NONE' | 'SETTING' | 'FILE';

/** What a license file grants. */
export interface SignedLicense {
  /** The licensee. */
  readonly holder: string;
  /** Maximum number of keys that are not revoked. */
  readonly maximumKeys: number;
  /** No keys can be created from this time on; null: the license does not expire. */
  readonly validUntil: Date | null;
}

/** The effective terms of the license file and the setting combined. */
export interface LicenseTerms {
  /** Null: no limit. */
  readonly maximumKeys: number | null;
  readonly holder: string | null;
  readonly validUntil: Date | null;
  readonly source: LicenseSource;
}

/** The smaller of the limits of a license file and a setting applies. */
export function termsOf(file: SignedLicense | undefined, setting: number | undefined): LicenseTerms {
  const { holder = null, validUntil = null } = file ?? {};
  if (setting !== undefined && (!file || setting < file.maximumKeys)) {
    return { maximumKeys: setting, holder, validUntil, source: 'SETTING' };
  }
  if (!file) return { maximumKeys: null, holder, validUntil, source: 'NONE' };
  return { maximumKeys: file.maximumKeys, holder, validUntil, source: 'FILE' };
}

/** The error for creating another key when a customer already has `used` keys: LICENSE_LIMIT_REACHED. */
export const customerRefusalOf = (maximum: number, used: number): AppError =>
  new AppError(
    'LICENSE_LIMIT_REACHED',
    `This customer can have ${maximum} keys that are not revoked, and ${used} are in use. Revoke one that is no longer needed, or ask for a higher limit.`,
    { allowance: { used, maximum } },
  );

/**
 * The error for creating another key in addition to the `used` ones: LICENSE_LIMIT_REACHED; undefined if it is allowed.
 */
export function refusalOf(terms: LicenseTerms, used: number, nowMs: number): AppError | undefined {
  const { maximumKeys: maximum, validUntil } = terms;
  if (maximum === null) return undefined;
  const details = { allowance: { used, maximum } };
  if (validUntil && validUntil.getTime() <= nowMs) {
    const message = `The license expired at ${validUntil.toISOString()}. Renew it to create keys.`;
    return new AppError('LICENSE_LIMIT_REACHED', message, details);
  }
  if (used < maximum) return undefined;
  const message = `The license allows ${maximum} keys that are not revoked, and ${used} are in use. Revoke one that is no longer needed, or ask for a higher limit.`;
  return new AppError('LICENSE_LIMIT_REACHED', message, details);
}
