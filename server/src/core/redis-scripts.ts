/** Runs scripts in Redis, each in one step. */
export interface RedisScripts {
  /** Error: whatever Redis says, or {@link Unanswered}. */
  run(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown>;
}

/** It was sent and not answered in time: it may yet be carried out, and most probably is. */
export class Unanswered extends Error {
  constructor() {
    super('Redis does not answer.');
  }
}

/** Whether what failed may have been carried out all the same. */
export const isUnanswered = (error: unknown): boolean => error instanceof Unanswered;
