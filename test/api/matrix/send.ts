import { LOCAL_PATH, LOCAL_PROTOCOL } from '@keywright/schema/local-protocol';
import { WebSocket } from 'ws';
import { credentialHeaders, type Credential, type GraphqlError } from '../../support/peers/graphql.js';
import type { Route } from './contract.js';
import type { Outcome } from './rule.js';

/** A result: its class, and its code, if any. */
export interface Answer {
  readonly outcome: Outcome;
  readonly code: string | undefined;
}

const CLASSES: readonly string[] = ['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'INTERNAL'];

/** The result for a code. */
export const answerOf = (code?: string): Answer => ({
  outcome: code !== undefined && CLASSES.includes(code) ? (code as Outcome) : 'ALLOWED',
  code,
});

/** The code of the first error, or of the first failure of a bulk change; a null object is NOT_FOUND. */
function codeIn(body: {
  data?: Record<string, unknown> | null;
  errors?: readonly GraphqlError[];
}): string | undefined {
  const [error] = body.errors ?? [];
  if (error) return error.extensions.code;
  const [value] = Object.values(body.data ?? {}) as [{ failed?: { code: string }[] } | null | undefined];
  return value === null ? 'NOT_FOUND' : value?.failed?.[0]?.code;
}

/** Sends a document; a subscription counts as allowed once its stream is open. */
export async function sendOperation(
  url: string,
  query: string,
  variables: Readonly<Record<string, unknown>>,
  credential: Credential,
): Promise<Answer> {
  const leave = new AbortController();
  const response = await fetch(`${url}/graphql${query.startsWith('subscription') ? '/stream' : ''}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...credentialHeaders(credential) },
    body: JSON.stringify({ query, variables }),
    signal: leave.signal,
  });
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
    return answerOf(codeIn((await response.json()) as Parameters<typeof codeIn>[0]));
  }
  const reader = response.body!.getReader();
  const { value } = await reader.read();
  leave.abort();
  await reader.cancel().catch(() => undefined);
  const event = /^data: (\{.*\})$/m.exec(Buffer.from(value ?? []).toString())?.[1];
  return answerOf(event && codeIn(JSON.parse(event) as Parameters<typeof codeIn>[0]));
}

const BY_STATUS: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
};

/** Opens a WebSocket and authenticates as in graphql-transport-ws; allowed once a message arrives. */
function openSocket(url: string, path: string, credential: Credential): Promise<Answer> {
  const protocol = path === LOCAL_PATH ? LOCAL_PROTOCOL : 'graphql-transport-ws';
  const socket = new WebSocket(url.replace(/^http/, 'ws') + path, protocol, {
    headers: { origin: url, ...credentialHeaders(credential) },
  });
  return new Promise((resolve, reject) => {
    socket.once('open', () => socket.send('{"type":"connection_init"}'));
    socket.once('unexpected-response', (asked, { statusCode = 500 }) => {
      asked.destroy();
      resolve(answerOf(BY_STATUS[statusCode] ?? 'INTERNAL'));
    });
    socket.once('message', () => (socket.close(), resolve(answerOf())));
    socket.once('close', (code) => resolve(answerOf(code === 4403 ? 'UNAUTHENTICATED' : 'INTERNAL')));
    socket.once('error', reject);
  });
}

/** Calls a route. */
export async function sendRoute(
  url: string,
  { method, path }: Route,
  body: unknown,
  credential: Credential,
): Promise<Answer> {
  if (method === 'WEBSOCKET') return openSocket(url, path, credential);
  const response = await fetch(url + path.replace('*', ''), {
    method,
    redirect: 'manual',
    headers: {
      ...credentialHeaders(credential),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  await response.arrayBuffer();
  const { status } = response;
  return answerOf(
    BY_STATUS[status] ?? (status >= 500 ? 'INTERNAL' : status >= 400 ? 'BAD_USER_INPUT' : undefined),
  );
}
