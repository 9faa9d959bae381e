/** The state of a key that verification depends on, after one change. */
export interface KeyState {
  readonly enabled: boolean;
  readonly revoked: boolean;
  readonly expiresAtMs: number | null;
  readonly secret: string;
  readonly previous: { readonly secret: string; readonly endsAtMs: number } | null;
}

/** The expected verdict on a secret of a key in this state at a moment; null: the key does not exist. */
function verdictOf(state: KeyState | null, secret: string, atMs: number): string {
  const { previous } = state ?? { previous: null };
  const isPrevious = previous?.secret === secret && atMs < previous.endsAtMs;
  if (!state || (secret !== state.secret && !isPrevious)) return 'KEY_NOT_FOUND';
  if (state.revoked) return 'KEY_REVOKED';
  if (state.expiresAtMs !== null && atMs >= state.expiresAtMs) return 'KEY_EXPIRED';
  return state.enabled ? 'VALID' : 'KEY_DISABLED';
}

/** The states of one key that verifiers may see: from the last confirmed to the last committed one. */
export class KeyModel {
  /** All its secrets, past and present. */
  readonly secrets: string[];
  /** Oldest first: the last confirmed state and all committed since. */
  private states: (KeyState | null)[];

  constructor(
    readonly id: string,
    secret: string,
    expiresAtMs: number | null,
  ) {
    this.secrets = [secret];
    this.states = [null, { enabled: true, revoked: false, expiresAtMs, secret, previous: null }];
  }

  /** The last committed state. */
  get now(): KeyState {
    return this.states.at(-1)!;
  }

  /** Records a committed change. */
  change(change: Partial<KeyState>): void {
    const state = { ...this.now, ...change };
    this.states.push(state);
    if (!this.secrets.includes(state.secret)) this.secrets.push(state.secret);
  }

  /** Records that verifiers have applied everything. */
  confirm(): void {
    this.states = [this.now];
  }

  /** The verdicts that are correct for a verification between two moments; an end in between may or may not apply. */
  allowed(secret: string, fromMs: number, toMs: number): ReadonlySet<string> {
    const ends = this.states.flatMap((state) => [state?.expiresAtMs, state?.previous?.endsAtMs]);
    const between = ends.filter((endMs) => endMs != null && endMs > fromMs && endMs < toMs) as number[];
    const moments = [fromMs, ...between, toMs];
    return new Set(this.states.flatMap((state) => moments.map((atMs) => verdictOf(state, secret, atMs))));
  }
}
