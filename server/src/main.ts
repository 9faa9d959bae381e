import 'reflect-metadata';
import { createApp, type App } from './app/app.js';
import { lockDataDir } from './config/data-dir.js';
import { ConfigError, readConfig } from './config/env.js';
import { StartError } from './config/start-error.js';
import { cutOffAfter } from './core/cut-off.js';
import { logLine, redact } from './core/redact.js';

/** Time limit of a graceful stop, after which the process is killed. */
const STOP_TIMEOUT_MS = 20_000;
const MAX_MESSAGE_LENGTH = 500;

const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

function explain(error: unknown): string {
  if (error instanceof ConfigError) {
    return `Keywright cannot start because of invalid settings:\n${error.faults.map((f) => `  ${f}`).join('\n')}`;
  }
  if (error instanceof StartError) return `Keywright cannot start. ${error.message}`;
  const message = logLine(error instanceof Error ? error.message : String(error), MAX_MESSAGE_LENGTH);
  // The stack of an unexpected error is for developers.
  const stack =
    process.env['KEYWRIGHT_LOG_LEVEL'] === 'debug' && error instanceof Error ? error.stack : undefined;
  return `Keywright cannot start. ${message}${stack ? `\n${redact(stack)}` : ''}`;
}

function greet(app: App): void {
  if (app.setUpLink) {
    console.log('\nNobody can sign in yet. Open this one-time link to set up the first owner:\n');
    console.log(`  ${app.setUpLink}\n`);
  }
  console.log(`Keywright is ready at ${app.url}`);
}

async function main(): Promise<void> {
  const config = readConfig();
  const release = await lockDataDir(config.dataDir);
  let app: App | undefined;
  let stopping = false;
  let stopPostgres = (): Promise<void> => Promise.resolve();
  const stop = async (interrupted: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    cutOffAfter(STOP_TIMEOUT_MS);
    // Before the app is ready it serves no requests; only the embedded PostgreSQL has to be stopped.
    await (app ? app.close() : stopPostgres().catch(() => undefined));
    await release();
    process.exit(app ? 0 : interrupted);
  };
  for (const [signal, code] of Object.entries(SIGNALS)) process.on(signal, () => void stop(code));
  try {
    app = await createApp(config, (stopIt) => (stopPostgres = stopIt));
  } catch (error) {
    if (stopping) return;
    throw error;
  }
  if (stopping) return;
  // Gateways depend on this process: log an error in one request instead of ending all others.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => app?.report(error));
  }
  greet(app);
}

main().catch((error: unknown) => {
  console.error(explain(error));
  process.exit(1);
});
