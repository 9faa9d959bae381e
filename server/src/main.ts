import 'reflect-metadata';
import { createApp, type App } from './app.js';
import { takeDataDir } from './config/data-dir.js';
import { ConfigError, readConfig } from './config/env.js';
import { StartError } from './config/start-error.js';

/** Longest graceful stop; what hangs longer is cut off. */
const STOP_WITHIN_MS = 20_000;

function explain(error: unknown): string {
  if (error instanceof ConfigError) {
    return `Keywright cannot start, because of its settings:\n${error.faults.map((f) => `  ${f}`).join('\n')}`;
  }
  if (error instanceof StartError) return `Keywright cannot start. ${error.message}`;
  return `Keywright cannot start. ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
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
  const release = await takeDataDir(config.dataDir);
  let app: App | undefined;
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping || !app) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    await app.close();
    await release();
    process.exit(0);
  };
  let stopAsked = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      stopAsked = true;
      void stop();
    });
  }
  app = await createApp(config);
  // Gateways depend on this process: a fault in one request is told, and must not end the others.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => app?.report(error));
  }
  if (stopAsked) return stop();
  greet(app);
}

main().catch((error: unknown) => {
  console.error(explain(error));
  process.exit(1);
});
