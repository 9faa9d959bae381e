import { findExpiryMembers } from '@keywright/schema/signature-signs';
import { valuesOf } from '../header-values.js';
import type { SignatureProfile } from '../signature-profile.js';
import type { SignedRequest } from '../signed-request.js';

const TIME = { TIMESTAMP: ['x-frame-timestamp', 'x-timestamp'], RFC9421: [] } as const;
const SIGNATURE = { TIMESTAMP: ['x-frame-signature', 'x-signature'], RFC9421: ['signature'] } as const;

const first = (request: SignedRequest, names: readonly string[]): string | null => {
  const value = names.flatMap((name) => valuesOf(request.headers, name)).at(0);
  return typeof value === 'string' ? value : null;
};

/** Decodes the text like a form parameter, but keeps plus signs; returns it unchanged if an escape is malformed. */
export function decodeMember(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function member(request: SignedRequest, name: 'Expires' | 'Signature'): string | null {
  const value = findExpiryMembers(request.url ?? '')?.[name].at(0);
  return value === undefined ? null : decodeMember(value);
}

/** The signature of a request as written, well formed or not; for RFC 9421 the whole field. */
export const writtenSignature = (request: SignedRequest, profile: SignatureProfile): string | null =>
  profile === 'EXPIRY' ? member(request, 'Signature') : first(request, SIGNATURE[profile]);

/** The time of a request as written; null for RFC 9421, where it is a parameter. */
export const writtenTime = (request: SignedRequest, profile: SignatureProfile): string | null =>
  profile === 'EXPIRY' ? member(request, 'Expires') : first(request, TIME[profile]);

function withHeader(request: SignedRequest, names: readonly string[], value: string): SignedRequest {
  const others = Object.entries(request.headers).filter(([name]) => !names.includes(name.toLowerCase()));
  return { ...request, headers: Object.fromEntries([...others, [names[0]!, value]]) };
}

/** The request with these bytes as its signature, encoded as the profile requires. */
export function withSignature(
  request: SignedRequest,
  profile: SignatureProfile,
  bytes: Buffer,
): SignedRequest {
  if (profile === 'TIMESTAMP') return withHeader(request, SIGNATURE.TIMESTAMP, bytes.toString('hex'));
  const base64 = bytes.toString('base64');
  if (profile === 'RFC9421') {
    const [label] = (first(request, ['signature-input']) ?? '').split('=', 1);
    return withHeader(request, SIGNATURE.RFC9421, `${label!.trim()}=:${base64}:`);
  }
  const [path, query = ''] = (request.url ?? '').split(/\?(.*)/s, 2);
  const others = query.split('&').filter((one) => decodeMember(one.split('=', 1)[0]!) !== 'Signature');
  return { ...request, url: `${path}?${others.join('&')}&Signature=${encodeURIComponent(base64)}` };
}
