import {
  MAX_CIDRS,
  MAX_DESCRIPTION,
  MAX_KEY_NAME,
  MAX_QUOTA,
  MAX_WINDOW_LIMIT,
  MAX_WINDOW_SECONDS,
  MAX_WINDOWS,
} from '@keywright/schema/bounds';
import { badInput, type FieldError } from '../../core/errors.js';
import { faultOfDescription, faultOfSecret } from '../../core/description.js';
import { isPlainLine, lengthOf } from '../../core/text.js';
import type { Json } from '../scalars/json.js';
import { parseCidr } from '@keywright/schema/cidr';
import { QUOTA_PERIODS, type Quota, type QuotaPeriod } from '../limits/limit-rules.js';
import { SIGNATURE_PROFILES, type KeyKind, type RateLimit } from './key.js';
import type { SignatureProfile } from '../signatures/signature-profile.js';

const WINDOW_NAME = /^[a-z][a-z0-9-]{0,31}$/;

/** Collects the errors of one input, so that all of them are reported together. */
export class InputCheck {
  private readonly faults: FieldError[] = [];

  constructor(private readonly nowMs: number) {}

  /** Records an error. */
  refuse(path: string, message: string): void {
    this.faults.push({ path, message });
  }

  private refuseSecret(path: string, text: string, what: string): void {
    const fault = faultOfSecret(text, what);
    if (fault !== undefined) this.refuse(path, fault);
  }

  /** Throws BAD_USER_INPUT if there were errors. */
  finish(): void {
    if (this.faults.length > 0) throw badInput(this.faults);
  }

  /** A name: trimmed, 1 to 50 characters, without invisible characters. */
  name(value: string | null | undefined): string {
    const name = value?.trim() ?? '';
    if (name === '') this.refuse('name', 'Enter a name for the key.');
    else if (lengthOf(name) > MAX_KEY_NAME)
      this.refuse('name', `A name can have at most ${MAX_KEY_NAME} characters.`);
    else if (!isPlainLine(name)) {
      this.refuse(
        'name',
        'A name must be one line without control, zero-width or text-direction characters.',
      );
    } else this.refuseSecret('name', name, 'The name');
    return name;
  }

  /** A description: up to 1,000 characters; empty means none. */
  description(value: string | null | undefined): string | null {
    const text = value?.trim() ?? '';
    const fault = faultOfDescription(text, MAX_DESCRIPTION);
    if (fault !== undefined) this.refuse('description', fault);
    return text === '' ? null : text;
  }

  /**
   * An expiry, as an instant or as a day (until its 23:59:59Z): absent leaves it unchanged, null clears it, the past
   * is rejected.
   */
  expiry(expiresAt: Date | null | undefined, expiresOn: string | null | undefined): Date | null | undefined {
    if (expiresAt != null && expiresOn != null) {
      this.refuse('expiresOn', 'Specify expiresAt or expiresOn, not both.');
    }
    const given = expiresAt ?? (expiresOn == null ? undefined : new Date(`${expiresOn}T23:59:59Z`));
    if (given === undefined) return expiresAt === null || expiresOn === null ? null : undefined;
    if (!(given.getTime() > this.nowMs)) {
      this.refuse(expiresAt ? 'expiresAt' : 'expiresOn', 'The expiry must be in the future.');
    }
    return given;
  }

  /** Rate limits: up to 8 windows of 1 second to 31 days with unique names. */
  rateLimits(value: readonly RateLimit[]): RateLimit[] {
    if (value.length > MAX_WINDOWS) this.refuse('rateLimits', `At most ${MAX_WINDOWS} windows are allowed.`);
    const names = new Set<string>();
    return value.slice(0, MAX_WINDOWS).map(({ name, limit, windowSeconds }, i) => {
      if (!WINDOW_NAME.test(name)) {
        this.refuse(
          `rateLimits.${i}.name`,
          'A window name must consist of lowercase letters, digits and hyphens, and start with a letter.',
        );
      } else if (names.has(name)) this.refuse(`rateLimits.${i}.name`, 'Each window needs a unique name.');
      names.add(name);
      if (limit < 1 || limit > MAX_WINDOW_LIMIT) {
        this.refuse(`rateLimits.${i}.limit`, 'A limit must be 1 to 1,000,000,000.');
      }
      if (windowSeconds < 1 || windowSeconds > MAX_WINDOW_SECONDS) {
        this.refuse(`rateLimits.${i}.windowSeconds`, 'A window must be 1 second to 31 days long.');
      }
      return { name, limit, windowSeconds };
    });
  }

  /**
   * Quotas: at most one per period; days first, members in the order in which the database stores them, so that equal
   * quotas compare equal.
   */
  quotas(value: readonly Quota[]): Quota[] {
    const periods = new Set<QuotaPeriod>();
    const quotas = value.slice(0, QUOTA_PERIODS.length + 1).map(({ period, limit }, i) => {
      if (periods.has(period)) this.refuse(`quotas.${i}.period`, 'There is already a quota for this period.');
      periods.add(period);
      if (limit < 1 || limit > MAX_QUOTA) {
        this.refuse(`quotas.${i}.limit`, 'A quota must be 1 to 2,147,483,647.');
      }
      return { limit, period };
    });
    return quotas.sort((a, b) => QUOTA_PERIODS.indexOf(a.period) - QUOTA_PERIODS.indexOf(b.period));
  }

  /** Addresses and CIDR ranges from which the key can be used; none means any address. */
  allowedCidrs(value: readonly string[]): string[] {
    if (value.length > MAX_CIDRS) this.refuse('allowedCidrs', `At most ${MAX_CIDRS} ranges are allowed.`);
    const ranges = value.slice(0, MAX_CIDRS).map((text, i) => {
      const range = parseCidr(text);
      if (range === undefined) {
        this.refuse(
          `allowedCidrs.${i}`,
          `${JSON.stringify(text.slice(0, 60))} is not an IP address or CIDR range.`,
        );
      }
      return range ?? '';
    });
    return [...new Set(ranges)];
  }

  /** Profiles: at least one for a SIGNED key, none for a BEARER key. */
  signatureProfiles(kind: KeyKind, value: readonly SignatureProfile[]): SignatureProfile[] {
    if (kind === 'SIGNED' && value.length === 0) {
      this.refuse('signatureProfiles', 'Specify how the key can sign: RFC9421, TIMESTAMP or EXPIRY.');
    }
    if (kind === 'BEARER' && value.length > 0) {
      this.refuse('signatureProfiles', 'A key that is sent with each request does not sign; leave this out.');
    }
    return SIGNATURE_PROFILES.filter((profile) => value.includes(profile));
  }

  /** Metadata: a JSON object; the scalar checks its size and depth. */
  metadata(value: unknown): { [name: string]: Json } {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.refuse('metadata', 'Metadata must be a JSON object.');
      return {};
    }
    return value as { [name: string]: Json };
  }

  /** A reason or idempotency key: one short line, or nothing. */
  line(path: string, value: string | null | undefined, maxLength: number): string | null {
    const text = value?.trim() ?? '';
    if (lengthOf(text) > maxLength) this.refuse(path, `At most ${maxLength} characters are allowed here.`);
    else if (!isPlainLine(text)) this.refuse(path, 'This must be one line without control characters.');
    else this.refuseSecret(path, text, 'This');
    return text === '' ? null : text;
  }
}
