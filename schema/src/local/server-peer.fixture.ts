import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import {
  LOCAL_PATH,
  type LocalKey,
  type LocalMessage,
  type LocalRequest,
  type LocalState,
} from './protocol.js';

type Of<Type extends LocalRequest['type']> = Extract<LocalRequest, { readonly type: Type }>;

/** A proven key with default values, which a test can override. */
export const sampleKey = (overrides: Partial<LocalKey> = {}): LocalKey => ({
  keyId: 'key_1',
  name: 'Sample',
  environment: 'PRODUCTION',
  serviceAccountId: null,
  metadata: { team: 'crm' },
  revoked: false,
  enabled: true,
  expiresAtMs: null,
  allowedCidrs: [],
  limited: false,
  previousSecretUntilMs: null,
  ...overrides,
});

/** The server side of the protocol over a real WebSocket, with answers set by each test. */
export class ServerPeer {
  /** All messages received. */
  readonly heard: LocalRequest[] = [];
  /** Bodies of HTTP requests received. */
  readonly posted: unknown[] = [];
  /** Keys by token; other tokens are rejected. */
  readonly keys = new Map<string, LocalKey>();
  maxStalenessMs = 300_000;
  connections = 0;
  /** Whether usage is answered. */
  counts = true;
  state = (): LocalState => ({ atMs: Date.now(), ageMs: 0, fresh: true });
  onProve = (request: Of<'prove'>): void => this.prove(request);
  onJudge = ({ id, question }: Of<'judge'>): void =>
    this.say({ type: 'judged', id, judgement: judge(question.permissions) });
  onLease = ({ id }: Of<'lease'>): void =>
    this.say({ type: 'failed', id, code: 'BAD', retryAfterSeconds: null });
  /** Status of the response to the WebSocket upgrade. */
  upgradeStatus = 101;
  private readonly sockets = new WebSocketServer({ noServer: true });
  private current: WebSocket | undefined;

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        this.posted.push(JSON.parse(Buffer.concat(parts).toString()));
        const body = {
          valid: false,
          code: 'KEY_MISSING',
          status: 401,
          requestId: 'http',
          message: '',
          retryAfter: null,
        };
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
    });
    server.on('upgrade', (request: IncomingMessage, socket, head) => {
      socket.on('error', () => undefined);
      if (this.upgradeStatus !== 101 || request.url !== LOCAL_PATH) {
        socket.end(`HTTP/1.1 ${this.upgradeStatus} No\r\ncontent-length: 0\r\n\r\n`);
        return;
      }
      this.sockets.handleUpgrade(request, socket, head, (ws) => this.begin(ws));
    });
  }

  static async start(): Promise<ServerPeer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ServerPeer(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  say(...messages: LocalMessage[]): void {
    for (const message of messages) this.current?.send(JSON.stringify(message));
  }

  said<Type extends LocalRequest['type']>(type: Type): Of<Type>[] {
    return this.heard.filter((request): request is Of<Type> => request.type === type);
  }

  prove({ id, token, question }: Of<'prove'>): void {
    const key = this.keys.get(token);
    if (key) this.say({ type: 'proved', id, key, judgement: judge(question.permissions) });
    else this.say({ type: 'refused', id, code: 'KEY_NOT_FOUND', message: 'Not valid.' });
  }

  /** Drops the connection. */
  cut(): void {
    this.current?.terminate();
  }

  async stop(): Promise<void> {
    this.cut();
    this.sockets.close();
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private begin(ws: WebSocket): void {
    this.connections++;
    this.current = ws;
    ws.on('message', (data) => this.take(JSON.parse(String(data)) as LocalRequest));
    this.say({ type: 'hello', maxStalenessMs: this.maxStalenessMs, state: this.state() });
  }

  private take(request: LocalRequest): void {
    this.heard.push(request);
    if (request.type === 'prove') this.onProve(request);
    if (request.type === 'judge') this.onJudge(request);
    if (request.type === 'lease') this.onLease(request);
    if (request.type === 'usage' && this.counts) this.say({ type: 'counted', id: request.id });
  }
}

/** Grants every permission but `nothing`, at one scope. */
const judge = (permissions: readonly string[]) =>
  permissions.includes('nothing')
    ? ({ refused: 'PERMISSION_DENIED', permissions: [], scopes: [] } as const)
    : ({ refused: null, permissions: ['view_customer'], scopes: ['scp_1'] } as const);
