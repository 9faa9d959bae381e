import { chromium, type Browser } from 'playwright-core';
import { inject } from 'vitest';

const FLAGS = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
];

/** Starts the Chromium of this run, without a window. */
export function launchBrowser(): Promise<Browser> {
  const { executable, environment } = inject('chromium');
  return chromium.launch({
    executablePath: executable,
    args: FLAGS,
    env: { ...(process.env as Record<string, string>), ...environment },
  });
}
