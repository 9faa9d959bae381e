import { readCurl } from './curl-request.js';
import { readHttpText } from './http-text.js';
import type { PastedRequest, Unreadable } from './pasted-request.js';

/** Maximum length of a text, in bytes of UTF-8. */
const MAX_PASTED_BYTES = 65_536;

const CURL = /^(?:[$>#] )?curl(?:\.exe)?(?=\s|\^|\\)/;
const POWERSHELL = /^(?:\$session\b|Invoke-(?:WebRequest|RestMethod)\b)/;
const SCRIPT = /^(?:await )?fetch\(/;

const no = (unreadable: string): Unreadable => ({ unreadable });

/**
 * Reads a request from pasted text: an HTTP request, as sent or as shown by `curl -v` and browser tools, or a curl
 * command in the syntax of shells and browsers. Takes linear time and never throws.
 */
export function readPasted(pasted: string): PastedRequest | Unreadable {
  if (Buffer.byteLength(pasted) > MAX_PASTED_BYTES) {
    return no(
      `The text is longer than ${MAX_PASTED_BYTES / 1024} KB. Shorten the body; its digest will then not be compared.`,
    );
  }
  const text = pasted.replace(/^\ufeff/, '').trimStart();
  if (text === '') return no('Paste a request first: HTTP text or a curl command.');
  const curl = CURL.exec(text);
  if (curl) return readCurl(text.slice(curl[0].length));
  if (POWERSHELL.test(text)) return no('This is PowerShell. In the browser, choose “Copy as cURL”.');
  if (SCRIPT.test(text)) return no('This is a fetch call. In the browser, choose “Copy as cURL”.');
  return readHttpText(text);
}
