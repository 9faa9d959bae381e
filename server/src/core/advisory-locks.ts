/**
 * Ids of the PostgreSQL advisory locks. All of them live in one database, so each purpose has its own number: two purposes
 * that shared one would deadlock with the row locks their transactions hold.
 */
export const ADVISORY_LOCKS = {
  /** Held by a process while it runs migrations. */
  migrations: 7_297_118_250,
  /** Held by a process while it creates or drops partitions of the request log. */
  partitions: 7_297_118_251,
  /** Held from counting the keys to committing a new one. */
  keyCreation: 7_297_118_252,
  /** Held by a move in the scope tree, which locks a whole subtree. */
  scopeMoves: 7_297_118_253,
  /** Held by a calling key with its own bounds, from reading what other keys hold to committing its change. */
  boundCallers: 7_297_118_260,
} as const;

/** First number of locks that are named by a text. They use two numbers and never collide with locks that use one. */
export const TEXT_LOCKS = {
  /** Held during a sign-in through the identity provider, per identity. */
  externalIdentity: 1,
  /** Held from counting a customer's keys to committing a new one. */
  customerKeys: 2,
} as const;
