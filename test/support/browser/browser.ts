import type { Browser } from 'playwright-core';
import { inject } from 'vitest';
import { launch } from './with-browser.js';

/** Starts the Chromium of this run, headless. */
export const launchBrowser = (): Promise<Browser> => launch(inject('chromium'));
