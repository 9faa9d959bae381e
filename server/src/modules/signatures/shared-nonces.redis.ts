import { createHash } from 'node:crypto';
import { ScriptGuard, type Guarded, type RedisScripts } from '../../core/redis-scripts.js';
import {
  CLOCK_LEEWAY_MS,
  MAX_NONCES_PER_CUSTOMER,
  MAX_NONCES_PER_KEY,
  type NonceUse,
  type ShownNonce,
} from './nonce.js';

/**
 * How much longer a nonce is stored than its signature is accepted, because the clocks of processes differ, in
 * milliseconds.
 */
const MARGIN_MS = 60_000;

/** How long a share is stored after its last nonce, in milliseconds: longer than any nonce. */
const SHARE_KEPT_MS = 15 * 60_000;

// A Redis that was restarted or replaced can hold an old copy of the data. So the start of recording names the Redis
// run that it is valid for, and is set to now for any other run.
const sinceOf = (key: string, now: string): string => `
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local since = string.match(redis.call('GET', ${key}) or '', '^' .. run .. ' (%d+)$')
if not since then
  since = ${now}
  redis.call('SET', ${key}, run .. ' ' .. since)
end`;

const BEGIN = `${sinceOf('KEYS[1]', 'ARGV[1]')}
return since`;

/**
 * Keys: the start of recording, the nonce, the share of its key, the share of its customer. Args: the time, the
 * creation time of the signature, the time until which the nonce is stored. A share counts its nonces by the minute in
 * which they expire. Redis expires nonces by its own clock, so that a process whose clock steps back cannot find a
 * nonce expired that it would still accept.
 */
const SINGLE_USE = new ScriptGuard(
  `
local left, minute, until_minute
local function held(share)
  local sum, flat = 0, redis.call('HGETALL', share)
  for i = 1, #flat, 2 do
    if tonumber(flat[i]) < minute then redis.call('HDEL', share, flat[i]) else sum = sum + tonumber(flat[i + 1]) end
  end
  return sum
end
local function refused()
${sinceOf('guard_keys[1]', 'guard_args[1]')}
  if redis.call('EXISTS', guard_keys[2]) == 1 then return 'REPEATED' end
  if tonumber(guard_args[2]) <= tonumber(since) + ${CLOCK_LEEWAY_MS} then return 'UNKNOWN' end
  local time = redis.call('TIME')
  local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  left = tonumber(guard_args[3]) - now
  if left <= 0 then return 'UNKNOWN' end
  minute, until_minute = math.floor(now / 60000), math.floor((now + left) / 60000)
  if held(guard_keys[3]) >= ${MAX_NONCES_PER_KEY} or held(guard_keys[4]) >= ${MAX_NONCES_PER_CUSTOMER} then
    return 'UNKNOWN'
  end
end
local function settle()
  redis.call('SET', guard_keys[2], '1', 'PX', string.format('%d', left))
  for i = 3, 4 do
    redis.call('HINCRBY', guard_keys[i], string.format('%d', until_minute), 1)
    redis.call('PEXPIRE', guard_keys[i], ${SHARE_KEPT_MS})
  end
end`,
  4,
  3,
);

/** Only uses the nonce. */
const NOTHING = 'return { 0 }';

/**
 * Nonces used by any process of an installation. Guarantees, unless Redis is configured to evict: of all uses of a
 * nonce, exactly one gets `FIRST`; signatures from before Redis was started, or lost its data, are not accepted as new.
 */
export class RedisNonces {
  private unknownUses = 0;

  constructor(
    private readonly redis: RedisScripts,
    /** Changes when the database is replaced by a copy. */
    private readonly installationId: () => string,
  ) {}

  /** Number of times that a nonce could not be checked. */
  get unknown(): number {
    return this.unknownUses;
  }

  /** Call this on each new connection, so that no signature has to be the first. */
  async begin(nowMs: number): Promise<void> {
    await this.redis.run(BEGIN, [this.sinceKey], [String(nowMs)]).catch(() => undefined);
  }

  /** Uses a nonce; of all uses of the same nonce, only one ever gets `FIRST`. Never rejects, and answers quickly. */
  async use(nonce: ShownNonce, nowMs: number): Promise<NonceUse> {
    const use = await this.within(nonce, nowMs, ({ guard, keys, args }) =>
      this.redis.run(guard.around(NOTHING), keys, args).then((answer) => ScriptGuard.refusal(answer)),
    );
    return use ?? 'FIRST';
  }

  /**
   * Runs a script only if the nonce is new, and uses the nonce only if the script succeeds. `run` returns the reason if
   * the guard refused. Never rejects: any failure is `UNKNOWN`.
   */
  async within<T>(
    { keyId, customerId, value, createdMs, untilMs }: ShownNonce,
    nowMs: number,
    run: (once: Guarded) => Promise<T | string>,
  ): Promise<T | Exclude<NonceUse, 'FIRST'>> {
    const hash = createHash('sha256').update(value).digest('base64url');
    const installationId = this.installationId();
    const keys = [
      this.sinceKey,
      `kw:nonce:${installationId}:${keyId}:${hash}`,
      `kw:nonces-of:${installationId}:${keyId}`,
      `kw:nonces-of:${installationId}:${customerId ?? 'installation'}`,
    ];
    const args = [nowMs, createdMs, untilMs + MARGIN_MS].map(String);
    const answer = await run({ guard: SINGLE_USE, keys, args }).catch(() => 'UNKNOWN');
    if (typeof answer !== 'string' || answer === 'REPEATED') return answer as T | 'REPEATED';
    this.unknownUses++;
    return 'UNKNOWN';
  }

  private get sinceKey(): string {
    return `kw:nonces-since:${this.installationId()}`;
  }
}
