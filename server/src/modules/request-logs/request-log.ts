import {
  MAX_LOGGED_PATH_LENGTH,
  MAX_LOGGED_USER_AGENT_LENGTH,
  MAX_METHOD_LENGTH,
  MAX_NAME_LENGTH,
} from '@keywright/schema/question-limits';
import type { VerdictCode } from '@keywright/schema/verdicts';
import { badInput, type FieldError } from '../../core/errors.js';
import { logLine } from '../../core/redact.js';
import { detached, isStorableText } from '../../core/text.js';
import type { Environment } from '@keywright/schema/environment';

/** One verification as it is logged. */
export interface RequestLog {
  readonly id: string;
  readonly at: Date;
  readonly environment: Environment;
  /** Only if the secret was proven. */
  readonly apiKeyId: string | null;
  readonly maskedSecret: string | null;
  readonly code: VerdictCode;
  readonly status: number;
  readonly method: string | null;
  readonly path: string | null;
  readonly permission: string | null;
  readonly scopeId: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly latencyMicroseconds: number | null;
  readonly responseStatus: number | null;
  readonly responseMilliseconds: number | null;
  readonly requestBytes: number | null;
  readonly responseBytes: number | null;
}

/** Maximum lengths of the texts of a row, in characters. */
const LENGTHS = {
  method: MAX_METHOD_LENGTH,
  path: MAX_LOGGED_PATH_LENGTH,
  permission: 500,
  scopeId: MAX_NAME_LENGTH,
  ip: 64,
  userAgent: MAX_LOGGED_USER_AGENT_LENGTH,
} as const;

/** The texts of a row that come from outside. */
type OutsideTexts = { readonly [Name in keyof typeof LENGTHS]: string | null };

/** Maximum texts that a column remembers, and their maximum length in characters. */
const MAX_REMEMBERED = 1000;
const MAX_REMEMBERED_LENGTH = 200;
const ASCII = /^[\x20-\x7e]*$/;

/** Makes log lines for a column in which the same few texts recur, and remembers them. */
function recurring(maxLength: number): (text: string | null) => string | null {
  const known = new Map<string, string>();
  return (text) => {
    if (text == null) return null;
    const remembered = known.get(text);
    if (remembered !== undefined) return remembered;
    if (text.length > MAX_REMEMBERED_LENGTH || !ASCII.test(text)) return logLine(text, maxLength);
    const own = detached(text);
    const line = logLine(own, maxLength)!;
    if (known.size >= MAX_REMEMBERED) known.clear();
    known.set(own, line);
    return line;
  };
}

const methodLine = recurring(LENGTHS.method);
const permissionLine = recurring(LENGTHS.permission);
const scopeLine = recurring(LENGTHS.scopeId);
const ipLine = recurring(LENGTHS.ip);
const userAgentLine = recurring(LENGTHS.userAgent);

/** Truncates outside texts, puts them on one line and removes credentials. */
export const cleanRow = <T extends OutsideTexts>(row: T): T => ({
  ...row,
  method: methodLine(row.method),
  path: logLine(row.path, LENGTHS.path),
  permission: permissionLine(row.permission),
  scopeId: scopeLine(row.scopeId),
  ip: ipLine(row.ip),
  userAgent: userAgentLine(row.userAgent),
});

/** Which rows to return; all fields must match, and any item of a list. */
export interface RequestLogFilter {
  readonly apiKeyId?: string | null;
  readonly environment?: Environment | null;
  readonly code?: readonly VerdictCode[] | null;
  readonly status?: readonly number[] | null;
  readonly method?: string | null;
  readonly pathPrefix?: string | null;
  readonly ip?: string | null;
  /** `from` inclusive, `to` exclusive. */
  readonly at?: { readonly from?: Date | null; readonly to?: Date | null } | null;
}

/** The given filter; error: BAD_USER_INPUT for texts that no row can contain. An invalid id matches nothing. */
export function checkFilter(filter: RequestLogFilter | null | undefined): RequestLogFilter {
  const faults: FieldError[] = [];
  for (const path of ['method', 'pathPrefix', 'ip'] as const) {
    if (isStorableText(filter?.[path] ?? '')) continue;
    faults.push({ path: `filter.${path}`, message: 'This contains a NUL or an unpaired surrogate.' });
  }
  if (faults.length > 0) throw badInput(faults);
  return filter ?? {};
}

/** Whether a row matches, by the rules of the store. */
export function matches(filter: RequestLogFilter, log: RequestLog): boolean {
  const same = <T>(wanted: T | null | undefined, value: T): boolean => wanted == null || wanted === value;
  return (
    same(filter.apiKeyId, log.apiKeyId) &&
    same(filter.environment, log.environment) &&
    same(filter.method, log.method) &&
    same(filter.ip, log.ip) &&
    (filter.code == null || filter.code.includes(log.code)) &&
    (filter.status == null || filter.status.includes(log.status)) &&
    (filter.pathPrefix == null || (log.path?.startsWith(filter.pathPrefix) ?? false)) &&
    (filter.at?.from == null || log.at >= filter.at.from) &&
    (filter.at?.to == null || log.at < filter.at.to)
  );
}
