import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach } from 'vitest';

const directory = join(import.meta.dirname, '../../../node_modules/.cache/keywright-browser');

/** Saves a screenshot after each failed test of this file and prints its path. */
export function pictureOfFailure(page: () => Page | undefined): void {
  afterEach(async ({ task }) => {
    const shown = page();
    if (task.result?.state !== 'fail' || !shown || shown.isClosed()) return;
    const path = join(directory, `${task.name.replaceAll(/\W+/g, '-').slice(0, 60)}.png`);
    await shown.screenshot({ path }).catch(() => undefined);
    console.error(`The page at that time: ${path}`);
  });
}
