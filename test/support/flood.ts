import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** What to flood with: verifications of keys that do not exist, and GraphQL that costs much. */
export interface FloodOrder {
  /** Of the process that verifies. */
  readonly port: number;
  /** Secret of a key that holds keywright.verify. */
  readonly caller: string;
  readonly connections: number;
  /** Verifications that are offered, whatever the server does with them. */
  readonly perSecond: number;
  readonly seconds: number;
  readonly graphql: {
    readonly url: string;
    readonly bearer: string;
    readonly query: string;
    readonly connections: number;
  };
}

/** What came of it. */
export interface FloodResult {
  readonly offered: number;
  readonly answered: number;
  /** Answers that said that there is no such key. */
  readonly asExpected: number;
  readonly seconds: number;
  readonly queries: number;
  readonly queriesAnswered: number;
}

/** Floods from a process of its own; `whileFlooded` runs as soon as it does. */
export async function flood(
  order: FloodOrder,
  whileFlooded: () => Promise<void> = () => Promise.resolve(),
): Promise<FloodResult> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'flood.mjs'), JSON.stringify(order)], {
    cwd: join(import.meta.dirname, '..'),
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
    if (!result) throw new Error(`The flood did not come to its end.\n${complaints}`);
    return JSON.parse(result) as FloodResult;
  } finally {
    child.kill('SIGKILL');
  }
}
