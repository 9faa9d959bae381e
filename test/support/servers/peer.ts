import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { eventually, within } from '../eventually.js';
import { freePort } from './free-port.js';
import { temporaryDirectory } from './start-keywright.js';

const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 10_000;

/** Port and directory of a peer. */
export interface Place {
  /** A free port of 127.0.0.1. */
  readonly port: number;
  /** Its own directory, removed when it stops. Other accounts can traverse but not list it. */
  readonly directory: string;
}

/** A real program alongside Keywright, such as a gateway or Redis. */
export interface Peer extends Place {
  /** All output so far. */
  readonly output: () => string;
  /** Kills it and its children; {@link restart} brings it back. */
  kill(): Promise<void>;
  /** Restarts it with the same port, directory and arguments. */
  restart(): Promise<void>;
  /** Freezes it and its children: connections stay open without responses. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

/** Options of a peer besides its arguments. */
export interface PeerOptions {
  readonly env?: Record<string, string>;
  /** Rejects until it responds; by default, until its port accepts a connection. */
  readonly ready?: (place: Place) => Promise<unknown>;
}

/**
 * Starts a program in the foreground, in its own process group, and waits until it responds. `args` builds its arguments and can
 * write the files that they name into its directory.
 */
export async function startPeer(
  command: string,
  args: (place: Place) => readonly string[] | Promise<readonly string[]>,
  { env = {}, ready = takesConnections }: PeerOptions = {},
): Promise<Peer> {
  const place: Place = { port: await freePort(), directory: await temporaryDirectory() };
  const given = await args(place);
  let output = '';
  let child: ChildProcess | undefined;
  const running = (): boolean =>
    child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const signal = (name: NodeJS.Signals): void => {
    if (running()) process.kill(-child!.pid!, name);
  };
  const killed = (): void => signal('SIGKILL');
  const end = async (name: NodeJS.Signals): Promise<void> => {
    if (!running()) return;
    const ended = once(child!, 'exit');
    signal('SIGCONT');
    signal(name);
    await within(STOP_TIMEOUT_MS, ended).catch(() => {
      killed();
      throw new Error(`${command} did not stop on ${name}.\n${output}`);
    });
  };
  const restart = async (): Promise<void> => {
    child = spawn(command, given, {
      cwd: place.directory,
      env: { ...process.env, HOME: place.directory, ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-50_000)));
    await once(child, 'spawn');
    const check = async (): Promise<string | undefined> => {
      if (!running()) return `${command} did not start.\n${output}`;
      await ready(place);
      return undefined;
    };
    const failed = await eventually(check, START_TIMEOUT_MS);
    if (failed !== undefined) throw new Error(failed);
  };
  const stop = async (): Promise<void> => {
    process.off('exit', killed);
    await end('SIGTERM');
    await rm(place.directory, { recursive: true, force: true });
  };

  process.once('exit', killed);
  try {
    await restart();
  } catch (error) {
    killed();
    await stop();
    throw error;
  }
  return {
    ...place,
    output: () => output,
    kill: () => end('SIGKILL'),
    restart,
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    stop,
  };
}

async function takesConnections({ port }: Place): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}
