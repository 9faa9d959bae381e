import { verify, type KeyObject } from 'node:crypto';
import * as z from 'zod';
import { isPlainLine } from '../../core/text.js';
import { parseDateTime } from '../scalars/date-time.js';
import type { SignedLicense } from './license.js';

/** Why a license is rejected: the end of a sentence that begins with its name. */
export class LicenseFault extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LicenseFault';
  }
}

const SIGNATURE_BYTES = 64;

/** `typ` and `kid` are ignored. Any other member, including `crit`, would have to be understood and is rejected. */
const headerShape = z.strictObject({
  alg: z.literal('EdDSA'),
  typ: z.string().optional(),
  kid: z.string().optional(),
});

const payloadShape = z.strictObject({
  holder: z.string().min(1).max(200).refine(isPlainLine, 'must be one line of text'),
  maximumKeys: z.int().min(0).max(2_147_483_647),
  validUntil: z.union([z.null(), z.string()]).transform((text, check) => {
    try {
      return text === null ? null : parseDateTime(text);
    } catch {
      check.addIssue('must be an RFC 3339 instant or null');
      return z.NEVER;
    }
  }),
});

/** Decodes base64url without padding; accepts only the canonical encoding. */
function decode(part: string, what: string): Buffer {
  const bytes = Buffer.from(part, 'base64url');
  if (bytes.length === 0 || bytes.toString('base64url') !== part) {
    throw new LicenseFault(`its ${what} is not base64url`);
  }
  return bytes;
}

/**
 * Number of member names written in a flat JSON object; exceeds the number of parsed members if a name occurs twice.
 */
const namesIn = (json: string): number =>
  [...json.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)].filter(([, colon]) => colon !== undefined).length;

function parse<Value>(part: string, what: string, shape: z.ZodType<Value>): Value {
  const bytes = decode(part, what);
  let text: string;
  let json: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    json = JSON.parse(text);
  } catch (cause) {
    throw new LicenseFault(`its ${what} is not JSON`, { cause });
  }
  const read = shape.safeParse(json);
  if (!read.success) {
    const [issue] = read.error.issues;
    const at = issue?.path.length ? `${issue.path.join('.')}: ` : '';
    throw new LicenseFault(`its ${what} is not valid (${at}${issue?.message})`);
  }
  if (namesIn(text) !== Object.keys(json as object).length) {
    throw new LicenseFault(`its ${what} contains a field twice`);
  }
  return read.data;
}

/**
 * Opens a license: a compact JWS (RFC 7515) signed with Ed25519 (`EdDSA`, RFC 8037), whose payload is exactly `{
 * holder, maximumKeys, validUntil }`. Error: {@link LicenseFault}.
 */
export function openLicense(token: string, publicKey: KeyObject): SignedLicense {
  const [header, payload, signature, ...rest] = token.split('.');
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) {
    throw new LicenseFault('it is not a compact JWS, three parts joined by dots');
  }
  parse(header, 'header', headerShape);
  const signed = decode(signature, 'signature');
  const genuine =
    signed.length === SIGNATURE_BYTES &&
    verify(null, Buffer.from(`${header}.${payload}`, 'ascii'), publicKey, signed);
  if (!genuine) throw new LicenseFault('its signature does not match KEYWRIGHT_LICENSE_PUBLIC_KEY');
  return parse(payload, 'payload', payloadShape);
}
