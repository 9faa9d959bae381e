import { chromium, type Browser } from 'playwright-core';
import { findChromium, type Chromium } from './chromium.js';

const FLAGS = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
];

/** Starts a headless Chromium. */
export const launch = ({ executable, environment }: Chromium): Promise<Browser> =>
  chromium.launch({
    executablePath: executable,
    args: FLAGS,
    env: { ...(process.env as Record<string, string>), ...environment },
  });

/** Runs a function with a new browser, outside the test runner. */
export async function withBrowser(run: (browser: Browser) => Promise<void>): Promise<void> {
  const browser = await launch(await findChromium());
  try {
    await run(browser);
  } finally {
    await browser.close();
  }
}
