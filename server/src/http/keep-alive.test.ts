import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { KEEP_ALIVE_MS, keepAlive } from './keep-alive.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function peer(answers: () => boolean): { socket: WebSocket; terminate: ReturnType<typeof vi.fn> } {
  const socket = new EventEmitter();
  const terminate = vi.fn();
  const ping = vi.fn(() => void (answers() && socket.emit('pong')));
  return { socket: Object.assign(socket, { ping, terminate }) as unknown as WebSocket, terminate };
}

describe('a socket', () => {
  it('stays open while the client answers pings', () => {
    const { socket, terminate } = peer(() => true);
    keepAlive(socket);
    vi.advanceTimersByTime(KEEP_ALIVE_MS * 20);
    expect(terminate).not.toHaveBeenCalled();
  });

  it('is dropped once the client no longer answers pings', () => {
    let reading = true;
    const { socket, terminate } = peer(() => reading);
    keepAlive(socket);
    vi.advanceTimersByTime(KEEP_ALIVE_MS * 3);
    reading = false;
    vi.advanceTimersByTime(KEEP_ALIVE_MS);
    expect(terminate).not.toHaveBeenCalled();
    vi.advanceTimersByTime(KEEP_ALIVE_MS);
    expect(terminate).toHaveBeenCalled();
  });
});
