import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { SecretBox } from '../../core/secret-box.js';
import { aboutSigningSecret } from '../keys/key-secret.js';
import { TokenDigester } from '../keys/token-digester.js';
import { maskToken } from '@keywright/schema/mask-token';
import type { ParsedToken } from '../keys/token.js';
import { verifySignature } from '../signatures/verify-signature.js';
import type { SignatureClaim } from '../signatures/signature-claim.js';
import type { IndexedKey, KeyRecord, SealedSecret } from '../replica/indexed-key.js';
import type { KeyIndex } from '../replica/key-index.js';

/** The peppers by id; several during a rotation. */
export interface PepperSource {
  /** 32 bytes, or undefined for an unknown id. */
  get(pepperId: number): Buffer | undefined;
}

/** A key whose secret the caller has proven. */
export interface Proof {
  readonly key: IndexedKey;
  readonly usedPreviousSecret: boolean;
  /** The token as it can appear in logs; null if the secret signed and was not sent. */
  readonly maskedSecret: string | null;
}

/**
 * Identifies a proven secret of a key, current or previous; undefined if there is none. Names are unique per key, so
 * that a connection that started with one secret does not continue with another.
 */
export function secretName(
  { signing, publicPart, previous }: KeyRecord,
  isPrevious: boolean,
): string | undefined {
  if (signing) return (isPrevious ? signing.previous : signing.secret)?.version.toString();
  return isPrevious ? previous?.publicPart : publicPart;
}

/** When the previous secret of a key stops working, in milliseconds since 1970; undefined without one. */
const previousEndsAtMs = ({ signing, previous }: KeyRecord): number | undefined =>
  (signing ? signing.previous : previous)?.endsAtMs;

/** Whether a name now refers to the previous secret of a key; undefined if it refers to no secret any more. */
export function isPreviousSecret(record: KeyRecord, name: string, nowMs: number): boolean | undefined {
  if (secretName(record, false) === name) return false;
  const endsAtMs = previousEndsAtMs(record);
  return endsAtMs !== undefined && nowMs < endsAtMs && secretName(record, true) === name ? true : undefined;
}

const LENGTH = 32;
const DUMMY_DIGEST = 'y'.repeat(LENGTH);
const NOBODYS_SECRET = randomBytes(LENGTH);

/**
 * Looks up tokens and proves their secrets. One lookup, one HMAC and one constant-time comparison whether the key
 * exists or not, so that an unknown key and a wrong secret cannot be distinguished. A tombstone is compared by the
 * remaining half of its digest.
 */
export class Prover {
  private readonly digesters = new Map<number, TokenDigester>();
  private readonly dummy = new TokenDigester(Buffer.alloc(LENGTH, 0x5a));
  private readonly wanted = Buffer.alloc(LENGTH);
  private readonly shown = Buffer.alloc(LENGTH);

  private readonly opened = new WeakMap<SealedSecret, Buffer>();

  /** @param box Opens signing secrets. */
  constructor(
    private readonly index: KeyIndex,
    private readonly peppers: PepperSource,
    private readonly box: Pick<SecretBox, 'open'>,
  ) {}

  /** The key whose secret the token contains; undefined for an unknown key or a wrong secret. */
  prove(token: ParsedToken, nowMs: number): Proof | undefined {
    const key = this.index.find(token.publicPart);
    const record = key?.record;
    const usedPreviousSecret = record !== undefined && record.publicPart !== token.publicPart;
    const stored = usedPreviousSecret ? record.previous : record;
    const pepperId = usedPreviousSecret ? record.previous?.pepperId : record?.traits.pepperId;
    const digester = pepperId === undefined ? undefined : this.digesterOf(pepperId);
    const expected = stored?.digest;
    const wanted = expected ?? DUMMY_DIGEST;
    const shown = (digester ?? this.dummy).digest(token.token);
    if (wanted.length < LENGTH) this.wanted.fill(0);
    this.wanted.write(wanted, 'latin1');
    this.shown.write(shown, 'latin1');
    if (wanted.length < LENGTH) this.shown.fill(0, wanted.length);
    const equal = timingSafeEqual(this.shown, this.wanted);
    if (!equal || !key || !digester || !expected) return undefined;
    if (usedPreviousSecret && nowMs >= record!.previous!.endsAtMs) return undefined;
    return { key, usedPreviousSecret, maskedSecret: maskToken(token.token) };
  }

  /**
   * The key whose secret made the signature; undefined for an unknown key or a wrong secret. Always computes two
   * signatures, whether the key exists or not and whether it has one secret or two.
   */
  proveSignature(claim: SignatureClaim, nowMs: number): Proof | undefined {
    const key = this.index.find(claim.clientId);
    const signing = key?.record.signing;
    const previous = signing?.previous && nowMs < signing.previous.endsAtMs ? signing.previous : undefined;
    const byCurrent = verifySignature(claim, this.secretOf(key, signing?.secret));
    const byPrevious = verifySignature(claim, this.secretOf(key, previous));
    if (!key || !signing) return undefined;
    if (byCurrent) return { key, usedPreviousSecret: false, maskedSecret: null };
    return previous && byPrevious ? { key, usedPreviousSecret: true, maskedSecret: null } : undefined;
  }

  /** A signing secret; a random one that nobody has if there is none, or it cannot be opened. */
  private secretOf(key: IndexedKey | undefined, secret: SealedSecret | undefined): Buffer {
    if (!key || !secret) return NOBODYS_SECRET;
    let opened = this.opened.get(secret);
    if (!opened) {
      opened = this.box.open(secret.sealed, aboutSigningSecret(key.id, secret.version)) ?? NOBODYS_SECRET;
      this.opened.set(secret, opened);
    }
    return opened;
  }

  /** Whether a proof is still valid: nothing about the key has changed. */
  stillHolds({ key, usedPreviousSecret }: Proof, nowMs: number): boolean {
    return this.index.get(key.id) === key && (!usedPreviousSecret || nowMs < previousEndsAtMs(key.record)!);
  }

  /** The same proof for the current state of the key; undefined if the proven secret no longer belongs to it. */
  renew(proof: Proof, nowMs: number): Proof | undefined {
    const { key, usedPreviousSecret, maskedSecret } = proof;
    const now = this.index.get(key.id);
    const name = secretName(key.record, usedPreviousSecret);
    if (!now || name === undefined) return undefined;
    const isPrevious = isPreviousSecret(now.record, name, nowMs);
    return isPrevious === undefined ? undefined : { key: now, usedPreviousSecret: isPrevious, maskedSecret };
  }

  private digesterOf(pepperId: number): TokenDigester | undefined {
    let digester = this.digesters.get(pepperId);
    if (!digester) {
      const pepper = this.peppers.get(pepperId);
      if (!pepper) return undefined;
      this.digesters.set(pepperId, (digester = new TokenDigester(pepper)));
    }
    return digester;
  }
}
