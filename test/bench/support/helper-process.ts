import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Closing } from './closing.js';
import type { LoadOrder, LoadReply, LoadResult } from './load-messages.js';

const GRACE_MS = 30_000;

/** A minimal server alongside Keywright. */
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

/** Runs a script of this directory that prints its URL within the given number of seconds. */
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

/** A load generator with its own tokens, in a separate process. */
export class Loader {
  private constructor(private readonly child: ChildProcess) {}

  /** Starts one with tokens from a file, one per line. */
  static start(closing: Closing, tokensFile: string): Loader {
    const child = fork(join(import.meta.dirname, 'load.ts'), [tokensFile]);
    closing.add(() => stop(child));
    return new Loader(child);
  }

  /** Runs one load to its end. Error: it could not run, or a response was not a valid verification. */
  async run(order: LoadOrder): Promise<LoadResult> {
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, AbortSignal.timeout(order.seconds * 1000 + GRACE_MS)]);
    const reply = once(this.child, 'message', { signal });
    const ended = once(this.child, 'exit', { signal }).then(() => {
      throw new Error('The load generator exited.');
    });
    // The losing promise rejects after the other settles; ignore it.
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
