import type { LocalCount, LocalRow } from '@keywright/schema/local-protocol';
import { VERDICTS, type VerdictCode } from '@keywright/schema/verdicts';
import { ID_PREFIXES, isId, newId } from '../../core/id.js';
import type { AccessSet } from '../access/decide/access-set.js';
import type { ReportedUse, RowDetails } from '../usage/usage-event.js';
import type { KeyIndex } from '../replica/key-index.js';
import { plainAddress } from './plain-address.js';
import { maySeeKey } from '../verification/verifier.js';

/** Maximum age of reported events; older ones count as this old. */
const OLDEST_MS = 60 * 60_000;
const MAX_MICROSECONDS = 0x7fff_ffff;
const MASKED = /^[a-z][a-z0-9]{0,15}_(?:live|stag|dev)_…[0-9A-Za-z]{4}$/;

/** Verdicts on requests that prove no key. */
const UNPROVEN: ReadonlySet<VerdictCode> = new Set([
  'KEY_MISSING',
  'AMBIGUOUS_CREDENTIAL',
  'KEY_MALFORMED',
  'KEY_NOT_FOUND',
]);

const clamp = (value: number, from: number, to: number): number =>
  Math.floor(Math.min(Math.max(value, from), to));

function rowOf(row: LocalRow, code: VerdictCode): RowDetails {
  const { requestId, maskedSecret, method, path, permissions, scopeId, ip, userAgent } = row;
  const latency = row.latencyMicroseconds;
  return {
    id: isId(ID_PREFIXES.request, requestId) ? requestId : newId(ID_PREFIXES.request),
    maskedSecret: maskedSecret !== null && MASKED.test(maskedSecret) ? maskedSecret : null,
    status: VERDICTS[code].status,
    method,
    path,
    permission: permissions.length > 0 ? permissions.join(' ') : null,
    scopeId,
    ip: plainAddress(ip),
    userAgent,
    latencyMicroseconds: latency === null ? null : clamp(latency, 0, MAX_MICROSECONDS),
  };
}

/**
 * The decisions of a local verifier, ready to be counted; undefined if they contain a key that the caller may not
 * see. Requests that prove no key are counted only from callers that verify for the whole installation. A wrong clock
 * shifts events by at most an hour, and never into the future.
 */
export function reportedUses(
  counts: readonly LocalCount[],
  caller: AccessSet,
  index: Pick<KeyIndex, 'get'>,
  nowMs: number,
): ReportedUse[] | undefined {
  const uses: ReportedUse[] = [];
  for (const { keyId, code, environment, usedPreviousSecret, atMs, count, rows } of counts) {
    const key = keyId === '' ? null : index.get(keyId);
    if (UNPROVEN.has(code) !== (key === null)) return undefined;
    if (key === undefined || (key && !maySeeKey(caller, key))) return undefined;
    // Such a report cannot be verified, and the installation does not count it for a single customer.
    if (key === null && !caller.holdsEverywhere('keywright.verify')) continue;
    const at = (ms: number): number => clamp(ms, nowMs - OLDEST_MS, nowMs);
    uses.push({
      atMs: at(atMs),
      environment,
      code,
      apiKeyId: keyId,
      usedPreviousSecret,
      sampled: key,
      count,
      rows: rows.map((row) => ({ atMs: at(row.atMs), row: rowOf(row, code) })),
    });
  }
  return uses;
}
