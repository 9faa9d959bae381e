// better-auth's API-key plugin behind a bare endpoint, with its own database in the given PostgreSQL. Creates its keys
// through its own API and writes them to a file. Arguments: data directory of the PostgreSQL, number of keys, token file.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { apiKey } from '@better-auth/api-key';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import pg from 'pg';

const [directory, keys, file] = process.argv.slice(2);
const DATABASE = 'better_auth';
const AT_ONCE = 20;
const NEVER_REFUSES = 1_000_000_000;
const PERMISSIONS = { customer: ['view'] };

const host = join(directory, 'sockets');
const password = readFileSync(join(directory, 'postgres.pgpass'), 'utf8').trim().split(':').at(-1);
const admin = new pg.Client({ host, user: 'keywright', password, database: 'keywright' });
await admin.connect();
await admin.query(`create database ${DATABASE}`);
await admin.end();

const options = {
  database: new pg.Pool({ host, user: 'keywright', password, database: DATABASE }),
  secret: randomBytes(32).toString('hex'),
  baseURL: 'http://127.0.0.1',
  emailAndPassword: { enabled: true },
  telemetry: { enabled: false },
  plugins: [apiKey({ rateLimit: { maxRequests: NEVER_REFUSES } })],
};
const { runMigrations } = await getMigrations(options);
await runMigrations();
const auth = betterAuth(options);
const { user } = await auth.api.signUpEmail({
  body: { name: 'Bench', email: 'bench@example.test', password: 'a password for the bench' },
});

const tokens = [];
const YEAR_S = 360 * 24 * 60 * 60;
const make = async () => {
  while (tokens.length < Number(keys)) {
    const n = tokens.push('') - 1;
    const body = { name: `Bench key ${n}`, userId: user.id, expiresIn: YEAR_S, permissions: PERMISSIONS };
    tokens[n] = (await auth.api.createApiKey({ body })).key;
  }
};
await Promise.all(Array.from({ length: AT_ONCE }, make));
await options.database.query('vacuum analyze');
writeFileSync(file, tokens.map((token) => `${token}\n`).join(''));

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    let status = 200;
    let answer;
    try {
      const { key } = JSON.parse(Buffer.concat(chunks).toString());
      answer = await auth.api.verifyApiKey({ body: { key, permissions: PERMISSIONS } });
    } catch (error) {
      status = 500;
      answer = { error: String(error) };
    }
    const text = JSON.stringify(answer);
    response.writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
    });
    response.end(text);
  });
});
server.listen(0, '127.0.0.1', () => console.log(`Ready at http://127.0.0.1:${server.address().port}`));
