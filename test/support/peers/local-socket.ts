import { once } from 'node:events';
import {
  LOCAL_PATH,
  LOCAL_PROTOCOL,
  type LocalMessage,
  type LocalRequest,
} from '@keywright/schema/local-protocol';
import { WebSocket } from 'ws';
import { within } from '../eventually.js';

type Answer = Extract<LocalMessage, { id: number }>;
/** A request that expects an answer, without its id. */
type Question = {
  [Type in LocalRequest['type']]: Omit<Extract<LocalRequest, { type: Type; id: number }>, 'id'>;
}['prove' | 'judge' | 'lease' | 'usage'];

const ANSWER_WITHIN_MS = 5000;

/** Empty request facts. */
export const NO_FACTS = { method: null, path: null, ip: null, userAgent: null } as const;
/** A question for any valid key. */
export const ANYTHING = { permissions: [], scopeId: null } as const;

/** The raw client side of a local verifier's WebSocket. */
export class LocalSocket {
  /** All messages received, unparsed. */
  readonly texts: string[] = [];
  /** Resolves with the close code of the connection. */
  readonly closed: Promise<number>;
  /** Above what tests send by hand, whose answers would be taken for those of a question with the same id. */
  private nextId = 1_000_000_000;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => this.texts.push(String(data)));
    socket.on('error', () => undefined);
    this.closed = once(socket, 'close').then(([code]) => code as number);
  }

  /** Connects with the token of a key that can verify. Error: the upgrade is rejected. */
  static async open(url: string, apiKey: string): Promise<LocalSocket> {
    const socket = new WebSocket(url.replace(/^http/, 'ws') + LOCAL_PATH, LOCAL_PROTOCOL, {
      headers: { 'x-api-key': apiKey },
    });
    const local = new LocalSocket(socket);
    await within(ANSWER_WITHIN_MS, once(socket, 'open'));
    return local;
  }

  /** Messages received, in order. */
  get messages(): LocalMessage[] {
    return this.texts.map((text) => JSON.parse(text) as LocalMessage);
  }

  /** Keys from `forget` messages, in order. */
  get forgotten(): (readonly string[] | 'ALL')[] {
    return this.messages.flatMap((message) => (message.type === 'forget' ? [message.keyIds] : []));
  }

  /** Sends a message that gets no answer. */
  say(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Sends a request and waits for the answer. */
  ask<Type extends Answer['type'] = Answer['type']>(
    question: Question,
  ): Promise<Extract<Answer, { type: Type }>> {
    const id = this.nextId++;
    const answer = new Promise<Extract<Answer, { type: Type }>>((resolve) => {
      const look = (data: unknown): void => {
        const message = JSON.parse(String(data)) as LocalMessage;
        if (!('id' in message) || message.id !== id) return;
        this.socket.off('message', look);
        resolve(message as Extract<Answer, { type: Type }>);
      };
      this.socket.on('message', look);
    });
    this.say({ ...question, id });
    return within(ANSWER_WITHIN_MS, answer);
  }

  /** Proves a token, with a question for any valid key. */
  prove(token: string): Promise<Answer> {
    return this.ask({ type: 'prove', token, question: ANYTHING, environment: 'PRODUCTION', facts: NO_FACTS });
  }

  /** Leases units. */
  lease(keyId: string, wanted: number, needed = 1): Promise<Extract<Answer, { type: 'leased' }>> {
    return this.ask<'leased'>({ type: 'lease', keyId, wanted, needed });
  }

  async close(): Promise<void> {
    this.socket.close();
    await within(ANSWER_WITHIN_MS, this.closed);
  }
}
