/** Runs scripts in Redis, each in one step. */
export interface RedisScripts {
  /** Error: whatever Redis says, or that it does not answer. */
  run(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown>;
}
