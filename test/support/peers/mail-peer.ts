import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { eventually } from '../eventually.js';

/** An e-mail that arrived. */
export interface ReceivedMail {
  /** Recipients in the envelope. */
  readonly recipients: readonly string[];
  /** Header lines, unfolded. */
  readonly headers: readonly string[];
  readonly text: string;
  readonly html: string;
}

/** Behavior of the server: accepts messages, rejects them, or stops responding midway. */
export type MailBehavior = 'take' | 'refuse' | 'hang';

/** A mail server for one test. */
export interface MailPeer {
  /** For `SMTP_URL`. */
  readonly url: string;
  readonly received: readonly ReceivedMail[];
  behave(how: MailBehavior): void;
  /** The next message to this address not returned before. */
  next(address: string): Promise<ReceivedMail>;
  close(): Promise<void>;
}

const decodeQuoted = (text: string): string =>
  Buffer.from(
    text
      .replace(/=\r\n/g, '')
      .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');

function partOf(raw: string, type: string): string {
  const [, head = '', body = ''] =
    raw.split(/^--[^\r\n]+(?:--)?\r\n/m).flatMap((part) => {
      const found = /^([^]*?)\r\n\r\n([^]*)$/.exec(part);
      return found && found[1]!.toLowerCase().includes(`content-type: ${type}`) ? [found] : [];
    })[0] ?? [];
  if (/base64/i.test(head)) return Buffer.from(body, 'base64').toString('utf8');
  return /quoted-printable/i.test(head) ? decodeQuoted(body) : body;
}

/** Starts a mail server; with `account`, clients must sign in with it. */
export async function startMailPeer(account?: { user: string; password: string }): Promise<MailPeer> {
  const received: ReceivedMail[] = [];
  let taken = 0;
  let behavior: MailBehavior = 'take';
  const server = new SMTPServer({
    authOptional: account === undefined,
    allowInsecureAuth: true,
    hideSTARTTLS: true,
    disableReverseLookup: true,
    onAuth: ({ username, password }, _session, done) =>
      username === account?.user && password === account?.password
        ? done(null, { user: username })
        : done(new Error(`Not ${String(username)} with ${String(password)}`)),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const raw = Buffer.concat(chunks).toString('utf8');
        if (behavior === 'hang') return;
        if (behavior === 'refuse') {
          return done(Object.assign(new Error(`Refused: ${raw}`), { responseCode: 550 }));
        }
        received.push({
          recipients: session.envelope.rcptTo.map(({ address }) => address),
          headers: raw
            .slice(0, raw.indexOf('\r\n\r\n'))
            .replace(/\r\n[ \t]+/g, ' ')
            .split('\r\n'),
          text: partOf(raw, 'text/plain'),
          html: partOf(raw, 'text/html'),
        });
        done();
      });
    },
  });
  server.on('error', () => undefined);
  const listener = server.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const credentials = account ? `${account.user}:${encodeURIComponent(account.password)}@` : '';
  return {
    url: `smtp://${credentials}127.0.0.1:${port}`,
    received,
    behave: (how) => (behavior = how),
    next: (address) =>
      eventually(() => {
        const at = received.findIndex(({ recipients }, i) => i >= taken && recipients.includes(address));
        if (at < 0) throw new Error(`No message to ${address} yet.`);
        taken = at + 1;
        return received[at]!;
      }),
    close: () => new Promise((done) => server.close(() => done())),
  };
}
