import { createHash } from 'node:crypto';
import type { RedisScripts } from '../../core/redis-scripts.js';
import { CLOCK_LEEWAY_MS, type NonceUse, type SharedNonces, type ShownNonce } from './nonce.js';

/** By how much longer a nonce is remembered than its signature is accepted, since the clocks of processes differ. */
const MARGIN_MS = 60_000;

// A Redis that was started anew, or took the place of another, may hold an old copy of what was remembered. So the time from which
// nonces are remembered names the run that it is true of, and for another run it is the present.
const SINCE = `
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local since = string.match(redis.call('GET', KEYS[1]) or '', '^' .. run .. ' (%d+)$')
if not since then
  since = ARGV[1]
  redis.call('SET', KEYS[1], run .. ' ' .. since)
end`;

const BEGIN = `${SINCE}
return since`;

// Redis goes by its own clock when it forgets, so that a process whose clock is stepped back finds nothing forgotten that it
// would still accept.
const USE = `${SINCE}
if redis.call('EXISTS', KEYS[2]) == 1 then return 'REPEATED' end
if tonumber(ARGV[2]) <= tonumber(since) + ${CLOCK_LEEWAY_MS} then return 'UNKNOWN' end
local time = redis.call('TIME')
local left = tonumber(ARGV[3]) - (tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
if left <= 0 then return 'UNKNOWN' end
redis.call('SET', KEYS[2], '1', 'PX', string.format('%d', left))
return 'FIRST'`;

/**
 * The nonces that all processes of an installation have used. Promised, unless Redis is set to drop what it has no room for: of all
 * who use a nonce, one gets `FIRST`; what was signed before Redis was started, or lost its data, is not taken for new.
 */
export class RedisNonces implements SharedNonces {
  private unknownUses = 0;

  constructor(
    private readonly redis: RedisScripts,
    private readonly installationId: string,
  ) {}

  /** How often it could not be told whether a nonce was new. */
  get unknown(): number {
    return this.unknownUses;
  }

  /** To be called with each connection, so that no signature has to be the first. */
  async begin(nowMs: number): Promise<void> {
    await this.redis.run(BEGIN, [this.sinceKey], [String(nowMs)]).catch(() => undefined);
  }

  async use({ keyId, value, createdMs, untilMs }: ShownNonce, nowMs: number): Promise<NonceUse> {
    const hash = createHash('sha256').update(value).digest('base64url');
    const keys = [this.sinceKey, `kw:nonce:${this.installationId}:${keyId}:${hash}`];
    const times = [nowMs, createdMs, untilMs + MARGIN_MS].map(String);
    const answer = await this.redis.run(USE, keys, times).catch(() => 'UNKNOWN');
    if (answer === 'FIRST' || answer === 'REPEATED') return answer;
    this.unknownUses++;
    return 'UNKNOWN';
  }

  private get sinceKey(): string {
    return `kw:nonces-since:${this.installationId}`;
  }
}
