import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** One request of the traffic and its result. */
export interface Outcome {
  /** HTTP status; 0 without a response. */
  readonly status: number;
  /** Code of the verdict or problem. */
  readonly code: string;
  /** Id of the verification in the request log; empty without a response. */
  readonly requestId: string;
  /** Why there was no response, such as `ECONNRESET`. */
  readonly fault: string | null;
  /** When the request was sent and when it was over, in milliseconds of `performance.now()`. */
  readonly sentAt: number;
  readonly doneAt: number;
  readonly secret: string;
  readonly url: string;
}

/** Continuous verifications over keep-alive connections. */
export interface Traffic {
  readonly outcomes: readonly Outcome[];
  /** Stops sending and waits for requests in flight. */
  stop(): Promise<readonly Outcome[]>;
}

/** Settings of the traffic. */
export interface TrafficOptions {
  /** Called for each request, so that targets can change. */
  readonly url: () => string;
  /** Secret of a key with keywright.verify. */
  readonly caller: string;
  /** The next secret to verify. */
  readonly secret: () => string;
  readonly connections?: number;
  /** Pause between two requests of a connection, in milliseconds. */
  readonly pauseMs?: number;
  readonly timeoutMs?: number;
}

/** Sends one verification. Never throws. */
export function verifyOnce(
  agent: Agent | undefined,
  url: string,
  caller: string,
  secret: string,
  timeoutMs = 10_000,
): Promise<Outcome> {
  const body = JSON.stringify({ key: secret });
  const sentAt = performance.now();
  return new Promise((resolve) => {
    const done = (status: number, code: string, fault: string | null, requestId = ''): void =>
      resolve({ status, code, requestId, fault, sentAt, doneAt: performance.now(), secret, url });
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'x-api-key': caller,
    };
    const sent = request(
      `${url}/v1/verify`,
      { method: 'POST', headers, agent: agent ?? false, timeout: timeoutMs },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('error', (error: NodeJS.ErrnoException) => done(0, '', error.code ?? error.message));
        response.on('end', () => {
          const { code = '', requestId } = JSON.parse(text || '{}') as { code?: string; requestId?: string };
          done(response.statusCode ?? 0, code, null, requestId);
        });
      },
    );
    sent.on('timeout', () => sent.destroy(Object.assign(new Error('timeout'), { code: 'TIMEOUT' })));
    sent.on('error', (error: NodeJS.ErrnoException) => done(0, '', error.code ?? error.message));
    sent.end(body);
  });
}

/** Starts traffic: each connection sends its next request after the previous response. */
export function startTraffic({
  url,
  caller,
  secret,
  connections = 8,
  pauseMs = 0,
  timeoutMs,
}: TrafficOptions): Traffic {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const outcomes: Outcome[] = [];
  const end = new AbortController();
  const run = async (): Promise<void> => {
    while (!end.signal.aborted) {
      const outcome = await verifyOnce(agent, url(), caller, secret(), timeoutMs);
      outcomes.push(outcome);
      // Back off when connecting fails.
      await (pauseMs > 0 || outcome.status === 0 ? sleep(Math.max(pauseMs, 2)) : undefined);
    }
  };
  const running = Promise.all(Array.from({ length: connections }, run));
  return {
    outcomes,
    async stop() {
      end.abort();
      await running;
      agent.destroy();
      return outcomes;
    },
  };
}
