import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { StartError } from '../config/start-error.js';
import { postgresEnvironment, type PostgresRunner } from './postgres-account.js';
import { scramVerifier } from './postgres-password.js';

/** A stopped PostgreSQL and its new password. */
export interface PasswordChange {
  /** Path of the program. */
  readonly postgres: string;
  readonly directory: string;
  readonly logFile: string;
  readonly runner: PostgresRunner;
  readonly password: string;
  readonly signal: AbortSignal;
}

/** Sets the password of a stopped PostgreSQL in single-user mode, so that nobody can connect meanwhile. Error: {@link StartError}. */
export async function setPassword({
  postgres,
  directory,
  logFile,
  runner,
  password,
  signal,
}: PasswordChange): Promise<void> {
  const options = ['--single', '-D', directory, '-c', 'exit_on_error=on', 'postgres'];
  const { file, args, ...ids } = runner.command(postgres, options);
  const log = await open(logFile, 'a', 0o600);
  try {
    const stdio = ['pipe', log.fd, log.fd] as const;
    const child = spawn(file, args, {
      ...ids,
      cwd: '/',
      env: postgresEnvironment(),
      detached: true,
      signal,
      stdio: [...stdio],
    });
    // If the program dies, its exit code reports the failure.
    child.stdin!.on('error', () => undefined);
    child.stdin!.end(`alter role keywright with login password '${scramVerifier(password)}'\n`);
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`PostgreSQL exited with ${code}`);
  } catch (cause) {
    signal.throwIfAborted();
    throw new StartError(`The password of the embedded PostgreSQL could not be set. Its log is ${logFile}.`, {
      cause,
    });
  } finally {
    await log.close();
  }
}
