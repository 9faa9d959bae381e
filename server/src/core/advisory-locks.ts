/**
 * Ids of the advisory locks in PostgreSQL. One database holds them all, so each purpose has a number of its own: two
 * purposes that share one deadlock with the row locks that their transactions hold.
 */
export const ADVISORY_LOCKS = {
  /** Held by a process that brings the schema up to date. */
  migrations: 7_297_118_250,
  /** Held by a process that creates or drops partitions of the request log. */
  partitions: 7_297_118_251,
  /** Held from the count of keys to the commit of a new one. */
  keyCreation: 7_297_118_252,
  /** Held by a move in the scope tree, which locks a whole part of it. */
  scopeMoves: 7_297_118_253,
  /** Held by a key with bounds of its own from its look at what other keys hold to the commit of its change. */
  boundCallers: 7_297_118_260,
} as const;

/** First number of the locks that are named by a text; these have two numbers, and never meet those with one. */
export const TEXT_LOCKS = {
  /** Held by a sign-in through the identity provider, for one identity. */
  externalIdentity: 1,
  /** Held from the count of a customer's keys to the commit of a new one. */
  customerKeys: 2,
} as const;
