/** Who did something. */
export type ActorKind = 'USER' | 'API_KEY' | 'SYSTEM';

/** The doer of a change, as it is kept for good: the name stays even when the user or key is gone. */
export interface Actor {
  readonly kind: ActorKind;
  readonly id: string | null;
  readonly name: string;
}

/** Keywright itself: set-up, expiry, maintenance. */
export const SYSTEM_ACTOR: Actor = { kind: 'SYSTEM', id: null, name: 'Keywright' };
