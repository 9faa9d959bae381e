import type { SignatureProfile } from '../gql/graphql.js';
import type { Snippet } from './snippets.js';

/** Input for a signed snippet. `apiUrl` is the base URL of the protected API, without a trailing slash. */
export interface SigningInput {
  apiUrl: string;
  keyId: string;
  secret: string;
}

const timestamp = ({ apiUrl, keyId, secret }: SigningInput): Snippet[] => [
  {
    id: 'timestamp-python',
    label: 'Timestamp',
    code: [
      `import hashlib, hmac, time`,
      `from urllib.request import Request, urlopen`,
      ``,
      `client_id, secret = "${keyId}", "${secret}"`,
      `timestamp = str(int(time.time()))`,
      `signature = hmac.new(secret.encode(), (timestamp + client_id).encode(), hashlib.sha256).hexdigest()`,
      `request = Request("${apiUrl}/ping", headers={`,
      `    "X-Frame-ClientId": client_id,`,
      `    "X-Frame-Timestamp": timestamp,`,
      `    "X-Frame-Signature": signature,`,
      `})`,
      `response = urlopen(request)`,
      `print(response.status, response.read().decode())`,
    ].join('\n'),
  },
  {
    id: 'timestamp-curl',
    label: 'Timestamp, curl',
    code: [
      `ID='${keyId}'; SECRET='${secret}'; NOW=$(date +%s)`,
      `SIGNATURE=$(printf '%s' "$NOW$ID" | openssl dgst -sha256 -hmac "$SECRET" -r | cut -d' ' -f1)`,
      `curl -i ${apiUrl}/ping \\`,
      `  -H "X-Frame-ClientId: $ID" -H "X-Frame-Timestamp: $NOW" -H "X-Frame-Signature: $SIGNATURE"`,
    ].join('\n'),
  },
];

const expiry = ({ apiUrl, keyId, secret }: SigningInput): Snippet[] => [
  {
    id: 'expiry-python',
    label: 'Expiry',
    code: [
      `import base64, hashlib, hmac, time`,
      `from urllib.parse import urlencode`,
      `from urllib.request import urlopen`,
      ``,
      `access_id, secret = "${keyId}", "${secret}"`,
      `expires = str(int(time.time()) + 20)`,
      `digest = hmac.new(secret.encode(), f"{access_id}\\n{expires}".encode(), hashlib.sha1).digest()`,
      `query = urlencode({"AccessID": access_id, "Expires": expires, "Signature": base64.b64encode(digest).decode()})`,
      `response = urlopen("${apiUrl}/ping?" + query)`,
      `print(response.status, response.read().decode())`,
    ].join('\n'),
  },
];

const rfc9421 = ({ apiUrl, keyId, secret }: SigningInput): Snippet[] => [
  {
    id: 'rfc9421-node',
    label: 'RFC 9421',
    code: [
      `import { createHmac, randomUUID } from 'node:crypto';`,
      ``,
      `const url = new URL('${apiUrl}/ping');`,
      `const created = Math.floor(Date.now() / 1000);`,
      `const params = \`("@method" "@authority" "@path" "@query");created=\${created};nonce="\${randomUUID()}";keyid="${keyId}"\`;`,
      `const base = [`,
      `  '"@method": GET',`,
      `  \`"@authority": \${url.host}\`,`,
      `  \`"@path": \${url.pathname}\`,`,
      `  \`"@query": \${url.search || '?'}\`,`,
      `  \`"@signature-params": \${params}\`,`,
      `].join('\\n');`,
      `const signature = createHmac('sha256', '${secret}').update(base).digest('base64');`,
      `const response = await fetch(url, {`,
      `  headers: { 'Signature-Input': \`sig=\${params}\`, Signature: \`sig=:\${signature}:\` },`,
      `});`,
      `console.log(response.status, await response.json());`,
    ].join('\n'),
  },
];

const BY_PROFILE: Record<SignatureProfile, (input: SigningInput) => Snippet[]> = {
  RFC9421: rfc9421,
  TIMESTAMP: timestamp,
  EXPIRY: expiry,
};

/** First calls with a signing key, one per allowed signature method. */
export const signedSnippets = (input: SigningInput, profiles: readonly SignatureProfile[]): Snippet[] =>
  profiles.flatMap((profile) => BY_PROFILE[profile](input));
