import { isIP } from 'node:net';
import { z } from 'zod';
import { badInput, type FieldError } from '../../core/errors.js';
import { isStorableText } from '../../core/text.js';
import type { AccessSet } from '../access/access-set.js';
import { readCredential, readNamedCredential } from './credential.js';
import type { RequestFacts } from './verification-service.js';
import type { VerificationRequest } from './verdict.js';

/** Most verifications in one batch. */
export const MAX_BATCH = 100;

const text = (longest: number): z.ZodType<string> =>
  z.string().min(1).max(longest).refine(isStorableText, 'must not contain NUL or half a character');

const verifyBody = z.strictObject({
  key: z.string().optional(),
  request: z
    .strictObject({
      method: text(20).optional(),
      url: text(10_000).optional(),
      headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
      ip: z
        .string()
        .refine((ip) => isIP(ip) !== 0, 'must be an IP address')
        .optional(),
    })
    .optional(),
  environment: z.enum(['PRODUCTION', 'STAGING', 'DEVELOPMENT']).default('PRODUCTION'),
  permission: z.union([text(100).transform((name) => [name]), z.array(text(100)).min(1).max(50)]).optional(),
  scope: text(100).optional(),
  cost: z.number().int().min(1).max(1_000_000).default(1),
  requestId: text(100).optional(),
});

const batchBody = z.strictObject({ requests: z.array(z.unknown()).min(1).max(MAX_BATCH) });

/** One question, as it was read from a body. */
export interface VerifyQuestion {
  readonly request: VerificationRequest;
  readonly facts: RequestFacts;
  /** The caller's own name for the request, echoed in the answer. */
  readonly requestId: string | undefined;
}

/** One fault for each member, unknown members included. */
function faultsOf(error: z.ZodError, prefix: string): FieldError[] {
  const faults: FieldError[] = [];
  for (const issue of error.issues) {
    const path = [...(prefix === '' ? [] : [prefix]), ...issue.path.map(String)].join('.');
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) {
        const member = `${path === '' ? '' : `${path}.`}${key.slice(0, 100)}`;
        faults.push({ path: member, message: 'This member is not known.' });
      }
    } else {
      faults.push({ path: path === '' ? 'body' : path, message: `${issue.message}.` });
    }
  }
  return faults;
}

function read(body: unknown, asker: AccessSet, prefix: string): VerifyQuestion | FieldError[] {
  const parsed = verifyBody.safeParse(body);
  if (!parsed.success) return faultsOf(parsed.error, prefix);
  const { key, request = {}, environment, permission, scope, cost, requestId } = parsed.data;
  const headers = request.headers ?? {};
  const userAgent = Object.entries(headers).find(([name]) => name.toLowerCase() === 'user-agent')?.[1];
  const { url, method = null, ip = null } = request;
  return {
    request: {
      credential: key === undefined ? readCredential(headers, url) : readNamedCredential(key, headers, url),
      environment,
      permissions: permission ?? [],
      scopeId: scope ?? null,
      ip,
      asker,
      cost,
    },
    facts: { method, path: url ?? null, userAgent: [userAgent ?? null].flat()[0] ?? null },
    requestId,
  };
}

/** Reads the body of a verification; `asker` is what its caller may do. Error: BAD_USER_INPUT with every fault named. */
export function readVerifyBody(body: unknown, asker: AccessSet): VerifyQuestion {
  const question = read(body, asker, '');
  if (Array.isArray(question)) throw badInput(question);
  return question;
}

/** Reads the body of a batch, `{ "requests": [ … ] }`. Error: BAD_USER_INPUT with every fault of every request. */
export function readBatchBody(body: unknown, asker: AccessSet): VerifyQuestion[] {
  const parsed = batchBody.safeParse(body);
  if (!parsed.success) throw badInput(faultsOf(parsed.error, ''));
  const questions = parsed.data.requests.map((entry, i) => read(entry, asker, `requests.${i}`));
  const faults = questions.flatMap((question) => (Array.isArray(question) ? question : []));
  if (faults.length > 0) throw badInput(faults.slice(0, 100));
  return questions.flatMap((question) => (Array.isArray(question) ? [] : question));
}
