import type { TestProject } from 'vitest/node';
import { findChromium, type Chromium } from './chromium.js';

declare module 'vitest' {
  interface ProvidedContext {
    chromium: Chromium;
  }
}

/** Finds, unpacks or installs the Chromium of this run once, before any browser test. */
export default async function setup(project: TestProject): Promise<void> {
  project.provide('chromium', await findChromium());
}
