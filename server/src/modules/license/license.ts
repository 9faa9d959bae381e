import { AppError } from '../../core/errors.js';

/** Where the limit comes from. */
export type LicenseSource = 'NONE' | 'SETTING' | 'FILE';

/** What a licence file grants. */
export interface SignedLicense {
  /** Whom it was given to. */
  readonly holder: string;
  /** Most keys that are not revoked. */
  readonly maximumKeys: number;
  /** From then on no keys can be created; null: it does not end. */
  readonly validUntil: Date | null;
}

/** What holds here, of the licence file and the setting together. */
export interface LicenseTerms {
  /** Null: no limit. */
  readonly maximumKeys: number | null;
  readonly holder: string | null;
  readonly validUntil: Date | null;
  readonly source: LicenseSource;
}

/** Of the limits of a licence file and of a setting the smaller holds. */
export function termsOf(file: SignedLicense | undefined, setting: number | undefined): LicenseTerms {
  const { holder = null, validUntil = null } = file ?? {};
  if (setting !== undefined && (!file || setting < file.maximumKeys)) {
    return { maximumKeys: setting, holder, validUntil, source: 'SETTING' };
  }
  if (!file) return { maximumKeys: null, holder, validUntil, source: 'NONE' };
  return { maximumKeys: file.maximumKeys, holder, validUntil, source: 'FILE' };
}

/** Why a customer that has `used` keys cannot have one more: LICENSE_LIMIT_REACHED. */
export const customerRefusalOf = (maximum: number, used: number): AppError =>
  new AppError(
    'LICENSE_LIMIT_REACHED',
    `This customer can have ${maximum} keys that are not revoked, and ${used} are in use. Revoke one that is no longer needed, or have the limit raised.`,
    { allowance: { used, maximum } },
  );

/** Why one more key beside the `used` ones cannot be created: LICENSE_LIMIT_REACHED; undefined when it can. */
export function refusalOf(terms: LicenseTerms, used: number, nowMs: number): AppError | undefined {
  const { maximumKeys: maximum, validUntil } = terms;
  if (maximum === null) return undefined;
  const details = { allowance: { used, maximum } };
  if (validUntil && validUntil.getTime() <= nowMs) {
    const message = `The licence ended at ${validUntil.toISOString()}; no keys can be created until it is renewed.`;
    return new AppError('LICENSE_LIMIT_REACHED', message, details);
  }
  if (used < maximum) return undefined;
  const message = `The licence allows ${maximum} keys that are not revoked, and ${used} are in use. Revoke one that is no longer needed, or have the limit raised.`;
  return new AppError('LICENSE_LIMIT_REACHED', message, details);
}
