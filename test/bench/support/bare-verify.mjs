// The minimum cost of a verification over HTTP in Node: parse the JSON, one SHA-256, one Map lookup, and a response of the
// same size as Keywright's. Its argument is the token file; nothing is checked, counted or written.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const digestOf = (token) => createHash('sha256').update(token).digest('base64');

const keys = new Map();
for (const token of readFileSync(process.argv[2], 'latin1').split('\n')) {
  if (token !== '') keys.set(digestOf(token), { id: `key_${String(keys.size).padStart(26, '0')}` });
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const { key, environment, permission, scope } = JSON.parse(Buffer.concat(chunks).toString());
    const found = keys.get(digestOf(key));
    const answer = JSON.stringify({
      valid: found !== undefined,
      code: found ? 'VALID' : 'KEY_NOT_FOUND',
      status: found ? 200 : 401,
      requestId: 'req_00000000000000000000000000',
      keyId: found?.id,
      name: 'Bench key 00000000',
      environment,
      serviceAccountId: null,
      permissions: [permission],
      scopes: [scope],
      expiresAt: '2036-01-01T00:00:00.000Z',
      metadata: {},
      limits: [{ name: 'minute', limit: 1_000_000, remaining: 999_999, windowSeconds: 60, resetSeconds: 60 }],
      retryAfter: null,
    });
    response.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(answer),
    });
    response.end(answer);
  });
});
server.listen(0, '127.0.0.1', () => console.log(`Ready at http://127.0.0.1:${server.address().port}`));
