import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Load to generate: verifications of unknown keys, and expensive GraphQL. */
export interface FloodOrder {
  /** URL of the verifying process. */
  readonly port: number;
  /** Secret of a key with keywright.verify. */
  readonly caller: string;
  readonly connections: number;
  /** Verifications offered, regardless of the server's responses. */
  readonly perSecond: number;
  readonly seconds: number;
  readonly graphql: {
    readonly url: string;
    readonly bearer: string;
    readonly query: string;
    readonly connections: number;
  };
}

/** Result of a flood. */
export interface FloodResult {
  readonly offered: number;
  readonly answered: number;
  /** Responses that the key does not exist. */
  readonly asExpected: number;
  readonly seconds: number;
  readonly queries: number;
  readonly queriesAnswered: number;
}

/** Floods from a separate process and runs `whileFlooded` meanwhile. */
export async function flood(
  order: FloodOrder,
  whileFlooded: () => Promise<void> = () => Promise.resolve(),
): Promise<FloodResult> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'flood.mjs'), JSON.stringify(order)], {
    cwd: join(import.meta.dirname, '../..'),
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  const began = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      if (printed.startsWith('Began')) resolve();
    });
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const ended = once(child, 'close');
  try {
    await Promise.race([began, ended]);
    if (child.exitCode === null) await whileFlooded();
    await ended;
    const [, result] = printed.split('\n');
    if (!result) throw new Error(`The flood did not finish.\n${complaints}`);
    return JSON.parse(result) as FloodResult;
  } finally {
    child.kill('SIGKILL');
  }
}
