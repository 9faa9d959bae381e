import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Closing } from './closing.js';
import type { LoadOrder, LoadReply, LoadResult } from './load-messages.js';

const GRACE_MS = 30_000;

/** A server beside Keywright, of a few lines. */
export interface HelperServer {
  readonly pid: number;
  readonly port: number;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** Runs a script of this directory that prints where it listens, within so many seconds. */
export async function startHelper(
  closing: Closing,
  script: string,
  args: readonly string[],
  withinSeconds: number,
): Promise<HelperServer> {
  const child = spawn(process.execPath, [join(import.meta.dirname, script), ...args], {
    cwd: join(import.meta.dirname, '../..'),
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  closing.add(() => stop(child));
  let printed = '';
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const deadline = performance.now() + withinSeconds * 1000;
  for (;;) {
    const port = /^Ready at http:\/\/127\.0\.0\.1:(\d+)/m.exec(printed)?.[1];
    if (port) return { pid: child.pid!, port: Number(port) };
    if (child.exitCode !== null || child.signalCode !== null || performance.now() > deadline) {
      throw new Error(`${script} did not start.\n${printed}\n${complaints}`);
    }
    await sleep(20);
  }
}

/** A generator of load with its own tokens, a process of its own. */
export class Loader {
  private constructor(private readonly child: ChildProcess) {}

  /** Starts one that takes its tokens from a file, one a line. */
  static start(closing: Closing, tokensFile: string): Loader {
    const child = fork(join(import.meta.dirname, 'load.ts'), [tokensFile]);
    closing.add(() => stop(child));
    return new Loader(child);
  }

  /** Runs one load to its end. Error: when it could not be run, or anything but a valid verification came back. */
  async run(order: LoadOrder): Promise<LoadResult> {
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, AbortSignal.timeout(order.seconds * 1000 + GRACE_MS)]);
    const reply = once(this.child, 'message', { signal });
    const ended = once(this.child, 'exit', { signal }).then(() => {
      throw new Error('The generator of load ended.');
    });
    // Whichever is left over fails when the other is done, which then matters no more.
    reply.catch(() => undefined);
    ended.catch(() => undefined);
    this.child.send(order);
    const [answer] = (await Promise.race([reply, ended]).finally(() => over.abort())) as [LoadReply];
    if ('failure' in answer) throw new Error(answer.failure);
    const { bad, requests, firstBad } = answer.result;
    if (bad > 0) throw new Error(`${bad} of ${requests} answers were not a valid verification: ${firstBad}`);
    return answer.result;
  }
}
