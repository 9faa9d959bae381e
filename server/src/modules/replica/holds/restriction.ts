import { intersectRanges } from './intersect-ranges.js';
import { isCovered } from '../../access/decide/access-hold.js';
import type { StoredGrant } from '../../access/decide/directory.js';
import type { LimitRules } from '../../limits/limit-rules.js';
import type { LimitWindow } from '../../limits/sliding-window.js';
import type { SignatureProfile } from '../../signatures/signature-profile.js';
import type { Excess, KeyRecord, KeyTraits } from '../indexed-key.js';

/**
 * A secret and until when it works; 0 means no longer. Named by its public part, or by `v` and its version for a
 * signing secret.
 */
export type SecretEnd = readonly [secret: string, untilMs: number];

/** An upper bound for what a key can do, taken at some moment. Plain JSON, as stored in files and in the database. */
export type Restriction =
  | { readonly revoked: true }
  | {
      readonly enabled: boolean;
      readonly expiresAtMs: number | null;
      readonly allowedCidrs: readonly string[];
      readonly limits: LimitRules;
      readonly signatureProfiles: readonly SignatureProfile[];
      /** Upper bound for the grants; null if it inherits everything from its service account. */
      readonly grants: readonly StoredGrant[] | null;
      /** The secrets that it had, and those that were replaced. */
      readonly secrets: readonly string[];
      readonly replaced: readonly SecretEnd[];
    };

/** Replaces a signing secret that was itself replaced. */
const NO_SIGNING_SECRET = { sealed: Buffer.alloc(0), version: 0 };
/** Maximum number of replaced secrets remembered per key. */
const MAX_REPLACED = 8;
/** An unparsable range contains no address. */
const NO_ADDRESS = ['none'];

/** The working secrets of a key and until when each works; Infinity for the current one. */
function secretsOf({ publicPart, digest, previous, signing }: KeyRecord): SecretEnd[] {
  if (signing === null) {
    const current: SecretEnd[] = digest === '' ? [] : [[publicPart, Infinity]];
    return previous === null ? current : [...current, [previous.publicPart, previous.endsAtMs]];
  }
  const { secret, previous: before } = signing;
  const current: SecretEnd[] = secret === NO_SIGNING_SECRET ? [] : [[`v${secret.version}`, Infinity]];
  return before === null ? current : [...current, [`v${before.version}`, before.endsAtMs]];
}

const namesOf = (record: KeyRecord): string[] => secretsOf(record).map(([secret]) => secret);

/** The secrets that no longer work, or not as long as before; includes those already known. */
function replacedSecrets(
  record: KeyRecord,
  known: readonly string[],
  before: readonly SecretEnd[],
): SecretEnd[] {
  const now = new Map(secretsOf(record));
  const replaced = new Map(before);
  for (const secret of known) {
    const untilMs = now.get(secret) ?? 0;
    if (untilMs !== Infinity) replaced.set(secret, Math.min(untilMs, replaced.get(secret) ?? Infinity));
  }
  for (const [secret, untilMs] of now) {
    if (untilMs === Infinity) replaced.delete(secret);
    else replaced.set(secret, untilMs);
  }
  return [...replaced].slice(-MAX_REPLACED);
}

/** The restriction that a key implies, including its former secrets from the previous record or from memory. */
export function restrictionOf(record: KeyRecord, known?: KeyRecord, remembered?: Restriction): Restriction {
  const { traits } = record;
  if (traits.revoked) return { revoked: true };
  const before = remembered === undefined || 'revoked' in remembered ? undefined : remembered;
  return {
    enabled: traits.enabled,
    expiresAtMs: record.expiresAtMs,
    allowedCidrs: traits.allowedCidrs,
    limits: traits.limits,
    signatureProfiles: traits.signatureProfiles,
    grants:
      traits.heldTo?.at(-1) ?? (traits.serviceAccountId === null || traits.narrowed ? traits.grants : null),
    secrets: namesOf(record),
    replaced: replacedSecrets(
      record,
      [...(before?.secrets ?? []), ...(known ? namesOf(known) : [])],
      before?.replaced ?? [],
    ),
  };
}

/**
 * A restriction as it applies to this record: only replaced secrets that the record has count, not ones it gets
 * later.
 */
export function boundOf(record: KeyRecord, to: Restriction): Restriction {
  if ('revoked' in to) return to;
  const names = namesOf(record);
  return { ...to, secrets: [], replaced: to.replaced.filter(([secret]) => names.includes(secret)) };
}

/** Narrows a key to what it could do at the moment of the restriction. */
export function narrow(record: KeyRecord, to: Restriction): KeyRecord {
  if ('revoked' in to) return revoke(record);
  if (record.traits.revoked) return record;
  const { traits } = record;
  const signatureProfiles = traits.signatureProfiles.filter((profile) =>
    to.signatureProfiles.includes(profile),
  );
  return withoutSecrets(
    {
      ...record,
      expiresAtMs: earlier(record.expiresAtMs, to.expiresAtMs),
      traits: {
        ...traits,
        enabled: traits.enabled && to.enabled,
        allowedCidrs: intersectRanges(traits.allowedCidrs, to.allowedCidrs) ?? NO_ADDRESS,
        limits: bothLimits(traits.limits, to.limits),
        signatureProfiles,
        heldTo: to.grants === null ? traits.heldTo : [...(traits.heldTo ?? []), to.grants],
        // Keys with the same grants object share rights; a copy gives this key separate ones.
        grants: to.grants === null ? traits.grants : [...traits.grants],
      },
    },
    new Map(to.replaced),
  );
}

/** The ways in which a key exceeds the restriction; empty if it is equally narrow or narrower. */
export function excessOf(record: KeyRecord, to: Restriction): Excess[] {
  const { traits, expiresAtMs } = record;
  if (traits.revoked) return [];
  if ('revoked' in to) return ['REVOKED'];
  const replaced = new Map(to.replaced);
  const found: Record<Exclude<Excess, 'REVOKED'>, boolean> = {
    DISABLED: traits.enabled && !to.enabled,
    SECRET_REPLACED: secretsOf(record).some(
      ([secret, untilMs]) => (replaced.get(secret) ?? Infinity) < untilMs,
    ),
    EXPIRY: to.expiresAtMs !== null && (expiresAtMs === null || expiresAtMs > to.expiresAtMs),
    ACCESS: to.grants !== null && exceedsGrants(traits, to.grants),
    ADDRESSES: !sameJson(
      intersectRanges(traits.allowedCidrs, to.allowedCidrs) ?? NO_ADDRESS,
      traits.allowedCidrs,
    ),
    LIMITS: !sameJson(bothLimits(traits.limits, to.limits), traits.limits),
    SIGNATURES: traits.signatureProfiles.some((profile) => !to.signatureProfiles.includes(profile)),
  };
  return (Object.keys(found) as (keyof typeof found)[]).filter((excess) => found[excess]);
}

const sameJson = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Whether any grant is not covered by a single one of the bound. If so, both apply, which never allows too much. */
function exceedsGrants(traits: KeyTraits, bound: readonly StoredGrant[]): boolean {
  // A key already held to a bound that this one covers exceeds nothing.
  if (traits.heldTo?.some((held) => isCovered(held, bound))) return false;
  if (traits.serviceAccountId !== null && !traits.narrowed) return true;
  return !isCovered(traits.grants, bound);
}

const revoke = (record: KeyRecord): KeyRecord =>
  record.traits.revoked
    ? record
    : { ...record, previous: null, signing: null, traits: { ...record.traits, revoked: true } };

const earlier = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);

/**
 * All limits of both. For windows of the same length, those of the side with the lowest limit; for quotas of the same
 * period, the lower one. Window names stay unique.
 */
export function bothLimits(own: LimitRules, other: LimitRules): LimitRules {
  const lower = new Map<number, LimitWindow>();
  for (const window of other.windows) {
    const { windowSeconds, limit } = window;
    const lowest = Math.min(lower.get(windowSeconds)?.limit ?? Infinity, lowestOf(own, windowSeconds));
    if (limit < lowest) lower.set(windowSeconds, window);
  }
  const windows = own.windows.filter(({ windowSeconds }) => !lower.has(windowSeconds));
  for (const window of lower.values()) windows.push({ ...window, name: freeName(window.name, windows) });
  const quotas = new Map(own.quotas.map((quota) => [quota.period, quota]));
  for (const quota of other.quotas) {
    const mine = quotas.get(quota.period);
    if (mine === undefined || quota.limit < mine.limit) quotas.set(quota.period, quota);
  }
  return { windows, quotas: [...quotas.values()] };
}

const lowestOf = ({ windows }: LimitRules, seconds: number): number =>
  Math.min(...windows.filter(({ windowSeconds }) => windowSeconds === seconds).map(({ limit }) => limit));

function freeName(name: string, windows: readonly LimitWindow[]): string {
  const isTaken = (wanted: string): boolean => windows.some((window) => window.name === wanted);
  let free = name;
  // Names have at most 32 characters.
  for (let n = 2; isTaken(free); n++) free = `${name.slice(0, 29)}-${n}`;
  return free;
}

/** Removes replaced secrets; one that was in its overlap can be used until the overlap ends. */
function withoutSecrets(record: KeyRecord, replaced: ReadonlyMap<string, number>): KeyRecord {
  if (replaced.size === 0) return record;
  const { signing } = record;
  if (signing !== null) {
    const untilMs = replaced.get(`v${signing.secret.version}`);
    if (untilMs === undefined)
      return { ...record, signing: { ...signing, previous: previousSigning(signing.previous, replaced) } };
    const previous = untilMs > 0 ? { ...signing.secret, endsAtMs: untilMs } : null;
    return { ...record, signing: { secret: NO_SIGNING_SECRET, previous } };
  }
  const untilMs = replaced.get(record.publicPart);
  if (untilMs === undefined) {
    const { previous } = record;
    const ends = previous === null ? undefined : replaced.get(previous.publicPart);
    if (previous === null || ends === undefined) return record;
    return {
      ...record,
      previous: ends === 0 ? null : { ...previous, endsAtMs: Math.min(ends, previous.endsAtMs) },
    };
  }
  if (untilMs === 0) return { ...record, digest: '', previous: null };
  const { publicPart, digest, traits } = record;
  const previous = { publicPart, digest, pepperId: traits.pepperId, endsAtMs: untilMs };
  // No token has this public part.
  return { ...record, publicPart: `none of ${record.id}`, digest: '', previous };
}

function previousSigning<P extends { readonly version: number; readonly endsAtMs: number } | null>(
  previous: P,
  replaced: ReadonlyMap<string, number>,
): P | null {
  if (previous === null) return null;
  const untilMs = replaced.get(`v${previous.version}`);
  if (untilMs === undefined) return previous;
  return untilMs === 0 ? null : { ...previous, endsAtMs: Math.min(untilMs, previous.endsAtMs) };
}
