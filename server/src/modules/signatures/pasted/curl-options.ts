/** Long names of the short options that affect the request. */
export const SHORT: Readonly<Record<string, string>> = {
  X: 'request',
  H: 'header',
  d: 'data',
  G: 'get',
  I: 'head',
  A: 'user-agent',
  e: 'referer',
  b: 'cookie',
  F: 'form',
  T: 'upload-file',
  u: 'user',
  r: 'range',
  K: 'config',
};

/** Short options that take a value and do not affect the request. */
const SHORT_WITH_VALUE = new Set('cCDEmoPQtUwxyYz');

const LONG_WITH_VALUE = new Set(
  (
    'abstract-unix-socket alt-svc aws-sigv4 cacert capath cert cert-type ciphers config connect-timeout ' +
    'connect-to continue-at cookie cookie-jar crlfile curves data data-ascii data-binary data-raw ' +
    'data-urlencode dns-interface dns-servers doh-url dump-header ech engine etag-compare etag-save ' +
    'expect100-timeout form form-string happy-eyeballs-timeout-ms haproxy-clientip header hsts interface ' +
    'ipfs-gateway json keepalive-time key key-type libcurl limit-rate local-port login-options ' +
    'max-filesize max-redirs max-time netrc-file noproxy oauth2-bearer output output-dir parallel-max ' +
    'pass pinnedpubkey preproxy proto proto-default proto-redir proxy proxy-cacert proxy-cert ' +
    'proxy-header proxy-key proxy-service-name proxy-user proxy1.0 quote range rate referer request ' +
    'request-target resolve retry retry-delay retry-max-time service-name socks4 socks4a socks5 ' +
    'socks5-hostname speed-limit speed-time stderr time-cond tls-max tls13-ciphers tlsauthtype ' +
    'tlspassword tlsuser trace trace-ascii unix-socket upload-file url url-query user user-agent ' +
    'variable write-out'
  ).split(' '),
);

/** An option by its long name, with its value; `null` for a plain word, which is a URL. */
export interface CurlOption {
  readonly name: string | null;
  readonly value: string;
}

/** The options of a curl command, in order; splits combined short options. */
export function* optionsOf(words: readonly string[]): Generator<CurlOption> {
  let literal = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (literal || !word.startsWith('-') || word === '-') yield { name: null, value: word };
    else if (word === '--') literal = true;
    else if (word.startsWith('--')) {
      const name = word.slice(2);
      yield { name, value: LONG_WITH_VALUE.has(name) ? (words[++i] ?? '') : '' };
    } else {
      for (let j = 1; j < word.length; j++) {
        const letter = word[j]!;
        const name = SHORT[letter];
        const takesValue = name === undefined ? SHORT_WITH_VALUE.has(letter) : LONG_WITH_VALUE.has(name);
        if (!takesValue) {
          if (name !== undefined) yield { name, value: '' };
          continue;
        }
        const rest = word.slice(j + 1);
        const value = rest === '' ? (words[++i] ?? '') : rest;
        if (name !== undefined) yield { name, value };
        break;
      }
    }
  }
}
