import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser/browser.js';
import { startCluster, type Cluster } from '../support/servers/cluster.js';
import { INSTALL_TIMEOUT_MS } from '../support/servers/debian.js';
import { openKeysPage } from '../support/browser/keys-page.js';
import { pictureOfFailure } from '../support/browser/picture-of-failure.js';
import { startRedis, type TestRedis } from '../support/servers/redis.js';
import { watchedPage, type WatchedPage } from '../support/browser/watched-page.js';

let redis: TestRedis;
let cluster: Cluster;
let browser: Browser;
let watched: WatchedPage;

beforeAll(async () => {
  [redis, browser] = await Promise.all([startRedis(), launchBrowser()]);
  cluster = await startCluster({ nodes: 2, env: { REDIS_URL: redis.url } });
  watched = await watchedPage(browser, cluster.manager.url);
  await openKeysPage(watched.page);
}, INSTALL_TIMEOUT_MS);
afterAll(async () => {
  await watched?.close();
  await browser?.close();
  await cluster?.stop();
  await redis?.stop();
});
pictureOfFailure(() => watched?.page);

const rows = (page: Page) => page.getByRole('row').filter({ has: page.getByRole('rowheader') });

test('every process is listed with its status, and problems for the operator are shown', async () => {
  const { page } = watched;
  await page.getByRole('button', { name: 'Access' }).click();
  await page.getByRole('menuitem', { name: 'Processes' }).click();
  await page.getByRole('heading', { name: 'Processes' }).waitFor();
  const verifying = rows(page).filter({ hasText: 'Verifies' });
  await verifying.nth(1).getByText('Shared').waitFor();
  expect(await rows(page).count()).toBe(3);
  expect(await page.getByRole('status').filter({ hasText: 'Redis' }).count()).toBe(0);

  await redis.kill();
  await page.getByText('cannot reach Redis').waitFor();
  await verifying.nth(1).getByText('Redis unreachable').waitFor();
  await redis.restart();
  await verifying.nth(1).getByText('Shared').waitFor();
  await page.getByText('cannot reach Redis').waitFor({ state: 'detached' });

  process.kill(cluster.nodes[1]!.process.pid, 'SIGSTOP');
  try {
    await page.getByText('has not reported').waitFor();
    // Then it counts as gone.
    await verifying.nth(1).waitFor({ state: 'detached' });
  } finally {
    process.kill(cluster.nodes[1]!.process.pid, 'SIGCONT');
  }
  await verifying.nth(1).waitFor();
  expect(watched.complaints).toEqual([]);
});
