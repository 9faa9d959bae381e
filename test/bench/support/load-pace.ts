import type { LoadConnection } from './load-connection.js';
import type { LoadOrder } from './load-messages.js';

/** Max pause between two checks of the clock and the sockets; bounds the delay of sending a request or noticing a response. */
const NAP_MS = 0.1;

/** Sends the request that was due at this time on a connection. */
export type Send = (connection: LoadConnection, dueAtMs: number) => void;

/** Decides when requests are sent. */
export interface Pace {
  /** Starts sending. */
  begin(connections: readonly LoadConnection[]): void;
  /** Takes back a connection after its response. */
  free(connection: LoadConnection, nowMs: number): void;
  /** Whether everything was sent. */
  readonly over: boolean;
  /** Stops sending. */
  stop(): void;
}

/** Each connection sends the next request right after its response: measures the capacity of a server. */
export function asFastAsAnswered({ seconds }: LoadOrder, startMs: number, send: Send): Pace {
  const endMs = startMs + seconds * 1000;
  let over = false;
  return {
    begin(connections) {
      for (const connection of connections) send(connection, startMs);
    },
    free(connection, nowMs) {
      over ||= nowMs >= endMs;
      if (!over) send(connection, nowMs);
    },
    get over() {
      return over;
    },
    stop: () => void (over = true),
  };
}

/**
 * Requests are due at fixed times, regardless of the server. A request that is due while all connections are busy waits, and its
 * wait counts, so that a stalled server cannot hide (no coordinated omission).
 */
export function onAClock({ rate = 1, seconds }: LoadOrder, startMs: number, send: Send): Pace {
  const total = Math.floor(rate * seconds);
  const idle: LoadConnection[] = [];
  const napping = new Int32Array(new SharedArrayBuffer(4));
  let sent = 0;
  let stopped = false;
  const dueAt = (): number => startMs + (sent * 1000) / rate;
  const isOver = (): boolean => sent >= total;
  const isDue = (nowMs: number): boolean => !isOver() && dueAt() <= nowMs;
  const sendNext = (connection: LoadConnection): void => {
    const due = dueAt();
    sent++;
    send(connection, due);
  };
  const tick = (): void => {
    const nowMs = performance.now();
    while (isDue(nowMs) && idle.length > 0) sendNext(idle.pop()!);
    if (stopped || isOver()) return;
    // Timers are no finer than a millisecond and spinning would take a core from the server, so it sleeps between two checks.
    Atomics.wait(napping, 0, 0, NAP_MS);
    setImmediate(tick);
  };
  return {
    begin(connections) {
      idle.push(...connections);
      tick();
    },
    free(connection, nowMs) {
      if (isDue(nowMs)) sendNext(connection);
      else idle.push(connection);
    },
    get over() {
      return isOver();
    },
    stop: () => void (stopped = true),
  };
}
