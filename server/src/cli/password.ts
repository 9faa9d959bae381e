import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { UsageError } from './fault.js';
import type { Terminal } from './terminal.js';

/** Longer than any valid password. */
const MAX_INPUT_BYTES = 4096;

/** Reads a password from standard input, without a trailing line break. Error: {@link UsageError}. */
export async function readPassword({ input }: Pick<Terminal, 'input'>): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of input as AsyncIterable<Buffer | string>) {
    const bytes = Buffer.from(chunk as string);
    length += bytes.length;
    if (length > MAX_INPUT_BYTES) throw new UsageError('The password on standard input is too long.');
    chunks.push(bytes);
  }
  const password = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
  if (password === '') throw new UsageError('Standard input contains no password.');
  if (/[\r\n]/.test(password)) throw new UsageError('A password must be one line.');
  return password;
}

/** Asks for a password twice without showing it. Error: {@link UsageError} without a terminal, or if the two differ. */
export async function askPassword(terminal: Terminal): Promise<string> {
  if (!terminal.input.isTTY) {
    throw new UsageError(
      'Run this in a terminal, or pass the password on standard input with --password-stdin.',
    );
  }
  const password = await askHidden(terminal, 'Password:');
  if ((await askHidden(terminal, 'Repeat the password:')) !== password) {
    throw new UsageError('The passwords do not match.');
  }
  return password;
}

function askHidden({ input, printError }: Terminal, question: string): Promise<string> {
  printError(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: nowhere, terminal: true, historySize: 0 });
  return new Promise((resolve, reject) => {
    lines.once('line', (line) => {
      resolve(line);
      lines.close();
    });
    lines.once('SIGINT', () => lines.close());
    lines.once('close', () => reject(new UsageError('No password was entered.')));
  });
}
