import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { VerificationService } from '../modules/verification/verification-service.js';
import { makeVerdict } from '../modules/verification/verdict.js';
import { HotProblems } from '../modules/verification/hot-problems.js';
import { VerifyEndpoint } from '../modules/verification/verify-endpoint.js';
import { createHttpServer } from './server.js';

/** Rejects every caller, after a short delay. */
const gate = { admit: () => ({ verdict: makeVerdict('KEY_MISSING') }) };
const service = {
  whenSafe: (callback: () => void) => void setTimeout(callback, 2),
} as unknown as VerificationService;

const REQUEST = 'POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}';

/** Misbehaving clients. */
const CLIENTS: Readonly<Record<string, (socket: Socket) => void>> = {
  'has sent nothing yet': () => undefined,
  'keeps its side open forever': (socket) => void socket.write(REQUEST),
  'never stops sending requests': (socket) => {
    const ask = (): void => {
      if (!socket.destroyed) socket.write(REQUEST.repeat(20), () => setTimeout(ask, 5));
    };
    ask();
  },
  'reads no answers': (socket) => {
    socket.pause();
    socket.write(REQUEST.repeat(50_000));
  },
};

it.each(Object.keys(CLIENTS))(
  'a server stops although a client %s',
  async (name) => {
    const http = createHttpServer({
      log: pino({ level: 'silent' }),
      secure: false,
      basePath: '',
      trustedProxies: [],
      readiness: () => ({ ready: true, reason: null }),
      hot: (answers) => [
        new VerifyEndpoint({ gate, service, problems: new HotProblems({ service, ...answers }) }),
      ],
    });
    await http.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = http.app.server.address() as AddressInfo;
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('data', () => undefined).on('error', () => undefined);
    CLIENTS[name]!(socket);
    await sleep(300);
    const stopped = await Promise.race([http.stop().then(() => true), sleep(15_000, false, { ref: false })]);
    socket.destroy();
    expect(stopped).toBe(true);
  },
  20_000,
);
