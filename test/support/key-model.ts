/** What a verification of a key depends on, as it stands after one change. */
export interface KeyState {
  readonly enabled: boolean;
  readonly revoked: boolean;
  readonly expiresAtMs: number | null;
  readonly secret: string;
  readonly previous: { readonly secret: string; readonly endsAtMs: number } | null;
}

/** What a secret of a key in this state is answered at a moment; null: the key does not exist. */
function verdictOf(state: KeyState | null, secret: string, atMs: number): string {
  const { previous } = state ?? { previous: null };
  const isPrevious = previous?.secret === secret && atMs < previous.endsAtMs;
  if (!state || (secret !== state.secret && !isPrevious)) return 'KEY_NOT_FOUND';
  if (state.revoked) return 'KEY_REVOKED';
  if (state.expiresAtMs !== null && atMs >= state.expiresAtMs) return 'KEY_EXPIRED';
  return state.enabled ? 'VALID' : 'KEY_DISABLED';
}

/** The life of one key as those who verify may see it: from what they are known to have, to what was committed last. */
export class KeyModel {
  /** Every secret it ever had. */
  readonly secrets: string[];
  /** Oldest first: the last one that was confirmed, and all that were committed since. */
  private states: (KeyState | null)[];

  constructor(
    readonly id: string,
    secret: string,
    expiresAtMs: number | null,
  ) {
    this.secrets = [secret];
    this.states = [null, { enabled: true, revoked: false, expiresAtMs, secret, previous: null }];
  }

  /** The state that was committed last. */
  get now(): KeyState {
    return this.states.at(-1)!;
  }

  /** Notes a change that was committed. */
  change(change: Partial<KeyState>): void {
    const state = { ...this.now, ...change };
    this.states.push(state);
    if (!this.secrets.includes(state.secret)) this.secrets.push(state.secret);
  }

  /** Notes that those who verify have applied everything. */
  confirm(): void {
    this.states = [this.now];
  }

  /** The answers that are right for a verification between two moments; what ends in between may have ended or not. */
  allowed(secret: string, fromMs: number, toMs: number): ReadonlySet<string> {
    const ends = this.states.flatMap((state) => [state?.expiresAtMs, state?.previous?.endsAtMs]);
    const between = ends.filter((endMs) => endMs != null && endMs > fromMs && endMs < toMs) as number[];
    const moments = [fromMs, ...between, toMs];
    return new Set(this.states.flatMap((state) => moments.map((atMs) => verdictOf(state, secret, atMs))));
  }
}
