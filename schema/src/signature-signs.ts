/** Lowercase names of the headers that carry a signature. */
export const SIGNATURE_HEADERS: ReadonlySet<string> = new Set([
  'x-frame-clientid',
  'x-client-id',
  'x-frame-timestamp',
  'x-timestamp',
  'x-frame-signature',
  'x-signature',
  'signature-input',
  'signature',
]);

type Member = 'AccessID' | 'Expires' | 'Signature';

/** The parameters of the EXPIRY profile in a query, still encoded, with every occurrence. */
export type ExpiryMembers = Readonly<Record<Member, readonly string[]>>;

const ESCAPE = /%([0-9a-f]{2})/gi;
/** Length of the shortest parameter name, and of the longest with every character escaped. */
const MIN_NAME_LENGTH = 'Expires'.length;
const MAX_ENCODED_NAME_LENGTH = 3 * 'Signature'.length;

/** Decodes the percent escapes of a name; a name too short or too long to match is returned unchanged. */
const decodeName = (name: string): string =>
  name.length >= MIN_NAME_LENGTH && name.length <= MAX_ENCODED_NAME_LENGTH && name.includes('%')
    ? name.replace(ESCAPE, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
    : name;

/**
 * Finds `AccessID`, `Expires` and `Signature` in the query of a URL, by exactly these names, encoded or not. Null unless the query
 * has `AccessID` and at least one of the others: `Expires` and `Signature` alone belong to presigned URLs of object stores.
 */
export function findExpiryMembers(url: string): ExpiryMembers | null {
  const start = url.indexOf('?');
  if (start === -1 || !(url.includes('AccessID', start) || url.includes('%', start))) return null;
  const members: Record<Member, string[]> = { AccessID: [], Expires: [], Signature: [] };
  for (const member of url.slice(start + 1).split('&')) {
    const equals = member.indexOf('=');
    const name = decodeName(equals === -1 ? member : member.slice(0, equals));
    if (name !== 'AccessID' && name !== 'Expires' && name !== 'Signature') continue;
    members[name].push(equals === -1 ? '' : member.slice(equals + 1));
  }
  const { AccessID, Expires, Signature } = members;
  return AccessID.length > 0 && Expires.length + Signature.length > 0 ? members : null;
}
