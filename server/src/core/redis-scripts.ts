/** Runs scripts in Redis, each atomically. */
export interface RedisScripts {
  /** Errors: those of Redis, {@link Unanswered}. */
  run(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown>;
}

/** A script was sent but not answered in time; it was most probably executed. */
export class Unanswered extends Error {
  constructor() {
    super('Redis is not responding.');
  }
}

/** Whether a failed script may have been executed anyway. */
export const isUnanswered = (error: unknown): boolean => error instanceof Unanswered;

const REFUSED = 'REFUSED';

/** A condition on a script, checked and settled in the same atomic step. */
export interface Guarded {
  readonly guard: ScriptGuard;
  readonly keys: readonly string[];
  readonly args: readonly string[];
}

/**
 * Wraps scripts in a condition. Its Lua reads `guard_keys` and `guard_args`, and defines `refused()`, which returns a reason
 * or nil, and `settle()`, which runs after a script that returned a table whose first element is 0.
 */
export class ScriptGuard {
  private readonly wrapped = new Map<string, string>();

  /** `keys` and `args` are the numbers of guard keys and arguments, which precede those of the script. */
  constructor(
    private readonly lua: string,
    private readonly keys: number,
    private readonly args: number,
  ) {}

  /** Why the guard rejected a script; null if it did not. */
  static refusal(answer: unknown): string | null {
    return Array.isArray(answer) && answer[0] === REFUSED ? String(answer[1]) : null;
  }

  /** The script wrapped in this condition. */
  around(script: string): string {
    let wrapped = this.wrapped.get(script);
    if (wrapped === undefined) this.wrapped.set(script, (wrapped = this.wrap(script)));
    return wrapped;
  }

  private wrap(script: string): string {
    return `local guard_keys, guard_args = KEYS, ARGV
local KEYS, ARGV = { unpack(KEYS, ${this.keys + 1}) }, { unpack(ARGV, ${this.args + 1}) }
${this.lua}
local reason = refused()
if reason then return { '${REFUSED}', reason } end
local function script()
${script}
end
local answer = script()
if type(answer) == 'table' and answer[1] == 0 then settle() end
return answer`;
  }
}
