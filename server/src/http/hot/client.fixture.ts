import { connect, type Socket } from 'node:net';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';

/** The client end of a connection, with everything it received. */
export class Client {
  text = '';
  private readonly socket: Socket;
  readonly closed: Promise<void>;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    this.socket.setEncoding('latin1').on('data', (text: string) => (this.text += text));
    this.socket.on('error', () => undefined).on('end', () => this.socket.end());
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve()));
  }

  async send(...pieces: readonly (string | Buffer)[]): Promise<void> {
    for (const piece of pieces) {
      this.socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece);
      await turn();
      await sleep(1);
    }
  }

  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** The complete answers so far. */
  get answers(): { status: number; head: string; body: string }[] {
    const answers = [];
    for (let at = 0; ;) {
      const end = this.text.indexOf('\r\n\r\n', at);
      if (end === -1) return answers;
      const head = this.text.slice(at, end);
      const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
      if (this.text.length < end + 4 + length) return answers;
      const body = Buffer.from(this.text.slice(end + 4, end + 4 + length), 'latin1').toString('utf8');
      answers.push({ status: Number(head.slice(9, 12)), head, body });
      at = end + 4 + length;
    }
  }

  /** Waits for `count` answers. */
  async until(count: number): Promise<this['answers']> {
    for (let i = 0; i < 400 && this.answers.length < count; i++) await sleep(5);
    expect(this.answers.length).toBe(count);
    return this.answers;
  }
}
