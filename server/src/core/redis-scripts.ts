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

const REFUSED = 'REFUSED';

/** A condition that a script is carried out under, checked and settled in the same step. */
export interface Guarded {
  readonly guard: ScriptGuard;
  readonly keys: readonly string[];
  readonly args: readonly string[];
}

/**
 * Puts a condition around scripts. Its Lua reads `guard_keys` and `guard_args`, and defines `refused()`, which returns a reason
 * or nil, and `settle()`, which runs after a script that answered with a table whose first member is 0.
 */
export class ScriptGuard {
  private readonly wrapped = new Map<string, string>();

  /** `keys` and `args` say how many of each come before those of the script. */
  constructor(
    private readonly lua: string,
    private readonly keys: number,
    private readonly args: number,
  ) {}

  /** Why the guard refused a script; null when it did not. */
  static refusal(answer: unknown): string | null {
    return Array.isArray(answer) && answer[0] === REFUSED ? String(answer[1]) : null;
  }

  /** The script under this condition. */
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
