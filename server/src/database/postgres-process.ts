import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { postgresEnvironment, type Command } from './postgres-account.js';

const RESTART_AFTER_MS = 500;

/**
 * Keeps a PostgreSQL server running until it is stopped: restarts it if it exits after it was ready. The server has its own
 * process group, so that Ctrl-C reaches only Keywright.
 */
export class PostgresProcess {
  private child: ChildProcess | undefined;
  private restart: NodeJS.Timeout | undefined;
  private stopping = false;
  private keep = false;

  constructor(
    private readonly command: Command,
    private readonly logFile: string,
  ) {}

  /** Starts the server; its output goes to the log file. */
  start(): void {
    const log = openSync(this.logFile, 'a', 0o600);
    const { file, args, ...ids } = this.command;
    const child = spawn(file, args, {
      ...ids,
      cwd: '/',
      env: postgresEnvironment(),
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.child = child;
    const ended = (): void => {
      if (this.child !== child) return;
      this.child = undefined;
      if (this.keep && !this.stopping) this.restart = setTimeout(() => this.start(), RESTART_AFTER_MS);
    };
    child.once('exit', ended);
    child.once('error', ended);
  }

  /** Whether the process runs. */
  get running(): boolean {
    return this.child !== undefined;
  }

  /** Restarts the server from now on if it exits by itself. */
  keepRunning(): void {
    this.keep = true;
  }

  /** Stops the server like `pg_ctl stop -m fast`: sessions end, nothing is lost. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.restart);
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGINT');
    await exit;
  }
}
