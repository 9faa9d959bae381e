/** Kinds of actors. */
export type ActorKind = 'USER' | 'API_KEY' | 'SYSTEM';

/** Who made a change, as stored permanently: the name remains after the user or key is deleted. */
export interface Actor {
  readonly kind: ActorKind;
  readonly id: string | null;
  readonly name: string;
}

/** Keywright itself: setup, expiry, maintenance. */
export const SYSTEM_ACTOR: Actor = { kind: 'SYSTEM', id: null, name: 'Keywright' };
