import { readCurl } from './curl-request.js';
import { readHttpText } from './http-text.js';
import type { PastedRequest, Unreadable } from './pasted-request.js';

/** Longest text, in bytes of UTF-8. */
const LONGEST_PASTED = 65_536;

const CURL = /^(?:[$>#] )?curl(?:\.exe)?(?=\s|\^|\\)/;
const POWERSHELL = /^(?:\$session\b|Invoke-(?:WebRequest|RestMethod)\b)/;
const SCRIPT = /^(?:await )?fetch\(/;

const no = (unreadable: string): Unreadable => ({ unreadable });

/**
 * Reads a request from what somebody pastes: the text of an HTTP request, as it goes over the wire or as `curl -v` and the tools
 * of browsers show it, or a curl command as shells and browsers write it. Takes time in proportion to the text and never
 * throws.
 */
export function readPasted(pasted: string): PastedRequest | Unreadable {
  if (Buffer.byteLength(pasted) > LONGEST_PASTED) {
    return no(
      `The text is longer than ${LONGEST_PASTED / 1024} KB. Shorten the body; its digest is then not compared.`,
    );
  }
  const text = pasted.replace(/^\ufeff/, '').trimStart();
  if (text === '') return no('Paste a request first: its HTTP text, or a curl command.');
  const curl = CURL.exec(text);
  if (curl) return readCurl(text.slice(curl[0].length));
  if (POWERSHELL.test(text)) return no('This is PowerShell. In the browser choose “Copy as cURL”.');
  if (SCRIPT.test(text)) return no('This is a call of fetch. In the browser choose “Copy as cURL”.');
  return readHttpText(text);
}
