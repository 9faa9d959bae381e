/** Another interpretation of a submitted signature. */
export interface SignatureReading {
  /** A description, as in "It is base64". */
  readonly as: string;
  readonly bytes: Buffer;
}

const MAX_CHARS = 500;
const HEX = /^(?:[0-9a-f]{2})+$/i;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;
/** Lengths of common MACs, in bytes. */
const MACS = new Map([
  [20, 'HMAC-SHA1'],
  [32, 'HMAC-SHA256'],
  [48, 'HMAC-SHA384'],
  [64, 'HMAC-SHA512'],
]);

/** The name of a MAC with this number of bytes. */
export const macOfLength = (bytes: number): string => MACS.get(bytes) ?? `something of ${bytes} bytes`;

function readBase64(text: string): SignatureReading | null {
  if (!BASE64.test(text)) return null;
  const bytes = Buffer.from(text, 'base64');
  const inner = bytes.toString('latin1');
  if (HEX.test(inner) && MACS.has(inner.length / 2)) {
    return { as: 'the base64 of hexadecimal digits', bytes: Buffer.from(inner, 'hex') };
  }
  if (!MACS.has(bytes.length)) return null;
  if (/[_-]/.test(text)) return { as: 'URL-safe base64, with - and _', bytes };
  return { as: text.length % 4 === 0 ? 'base64' : 'base64 without padding', bytes };
}

/**
 * Interprets a submitted signature leniently: hexadecimal digits or base64, possibly inside quotes, after a prefix such
 * as `sha256=`, or with blanks or percent escapes. Null if it is none of these.
 */
export function readLooseSignature(text: string): SignatureReading | null {
  if (text.length > MAX_CHARS) return null;
  let core = text.trim().replace(/^[A-Za-z0-9_-]{1,30}=:?(?=.{20})/s, '');
  core = core.replace(/:$/, '').replace(/^["'](.*)["']$/s, '$1');
  const escaped = /%[0-9a-f]{2}/i.test(core);
  if (escaped) core = core.replace(/%2b/gi, '+').replace(/%2f/gi, '/').replace(/%3d/gi, '=');
  core = core.replaceAll(' ', '+');
  const found: SignatureReading | null =
    HEX.test(core) && MACS.has(core.length / 2)
      ? { as: 'hexadecimal digits', bytes: Buffer.from(core, 'hex') }
      : readBase64(core);
  if (!found) return null;
  return escaped ? { ...found, as: `${found.as}, percent-encoded one time too many` } : found;
}
