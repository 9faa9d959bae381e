import { randomBytes } from 'node:crypto';
import { request, type Credential } from './graphql.js';
import { OWNER } from '../servers/start-keywright.js';

/** A created key, with the secret that is shown once. */
export interface CreatedKey {
  readonly id: string;
  readonly name: string;
  readonly secret: string;
}

/** The body of a verification response; other fields depend on the verdict. */
export interface VerifyBody {
  readonly valid: boolean;
  readonly code: string;
  readonly status: number;
  readonly requestId: string;
  readonly [member: string]: unknown;
}

// Unique among all files that share a server.
const FILE = randomBytes(4).toString('hex');
let created = 0;

/** Signs in and returns the session token; as {@link OWNER} by default. */
export async function signIn(url: string, who: { email: string; password: string } = OWNER): Promise<string> {
  const data = await request<{ signIn: { session: { token: string } } }>(
    url,
    'mutation ($email: String!, $password: String!) { signIn(email: $email, password: $password) { session { token } } }',
    who,
  );
  return data.signIn.session.token;
}

/** Creates a production key with a unique name and all permissions; `overrides` are fields of its input. */
export async function createKey(
  url: string,
  credential: Credential,
  overrides: Record<string, unknown> = {},
): Promise<CreatedKey> {
  const input = { name: `Test key ${++created} of ${FILE}`, permissions: ['*'], ...overrides };
  const data = await request<{
    createApiKey: { apiKey: { id: string; name: string }; secret: { secret: string } };
  }>(
    url,
    'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id name } secret { secret } } }',
    { input },
    credential,
  );
  return { ...data.createApiKey.apiKey, secret: data.createApiKey.secret.secret };
}

/** Verifies as a gateway does; `verifier` is the token of a key with `keywright.verify`. */
export async function verify(
  url: string,
  verifier: string,
  body: unknown,
): Promise<{ status: number; body: VerifyBody }> {
  const response = await fetch(`${url}/v1/verify`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': verifier },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as VerifyBody };
}

/** Calls the sandbox API as an integrator does; `path` is for example `production/ping`. */
export function sandbox(
  url: string,
  path: string,
  apiKey?: string,
  init: RequestInit = {},
): Promise<Response> {
  const headers = new Headers(init.headers);
  if (apiKey !== undefined) headers.set('x-api-key', apiKey);
  return fetch(`${url}/sandbox/${path}`, { ...init, headers });
}
