/** Names of the headers, in lower case, that a request may be signed with. */
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

/** The members of the profile as a query has them, still encoded, each as often as it stands there. */
export type ExpiryMembers = Readonly<Record<Member, readonly string[]>>;

const ESCAPE = /%([0-9a-f]{2})/gi;
/** Shortest name of a member, and the longest one with every character of it escaped. */
const MIN_NAME_LENGTH = 'Expires'.length;
const MAX_ENCODED_NAME_LENGTH = 3 * 'Signature'.length;

/** A name with its percent escapes decoded; one that is too short or too long for ours stays as it is. */
const decodeName = (name: string): string =>
  name.length >= MIN_NAME_LENGTH && name.length <= MAX_ENCODED_NAME_LENGTH && name.includes('%')
    ? name.replace(ESCAPE, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
    : name;

/**
 * Finds `AccessID`, `Expires` and `Signature` in the query of a URL, by these very names, encoded or not. Null unless the request
 * means to be signed this way, with `AccessID` and at least one of the others: `Expires` and `Signature` by themselves belong
 * to links that object stores sign.
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
