import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cancelDialog } from '../support/browser/access-page.js';
import { launchBrowser } from '../support/browser/browser.js';
import { signIn } from '../support/peers/client.js';
import { chooseInMenu, signInByApi } from '../support/browser/keys-page.js';
import { LOOKS, pageAudit } from '../support/browser/page-audit.js';
import { pictureOfFailure } from '../support/browser/picture-of-failure.js';
import { createRule } from '../support/seed/route-rules.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';
import { watchedPage, type WatchedPage } from '../support/browser/watched-page.js';

const DOCUMENT = `openapi: 3.1.0
info: { title: A CRM with a rather long name }
paths:
  /customers/{customerId}: { get: { summary: One customer, security: [{ oauth: [view_customer] }] } }
  /customers/export: { post: { tags: [Reports] } }
  /health: { get: { security: [] } }
  /report.{format}: { get: {} }
`;

const LONG = '/a-path/{organizationId}/with/many/rather/long/segments/{accountId}/in/it';

let keywright: Keywright;
let browser: Browser;

beforeAll(async () => {
  [keywright, browser] = await Promise.all([startKeywright(), launchBrowser()]);
  const owner = { bearer: await signIn(keywright.url) };
  await createRule(keywright.url, owner, {
    method: 'ANY',
    pathPattern: '/admin/**',
    access: 'NOBODY',
    permission: null,
  });
  await createRule(keywright.url, owner, {
    pathPattern: LONG,
    scopeParameter: 'organizationId',
    environments: ['PRODUCTION', 'STAGING'],
    description: 'What it is for, in a sentence that does not fit into one line of a small screen.',
  });
  await createRule(keywright.url, owner, { pathPattern: '/admin/reports' });
});
afterAll(async () => {
  await browser?.close();
  await keywright?.stop();
});

describe.each(LOOKS)('in $look', ({ options, rules }) => {
  let watched: WatchedPage;
  const { look, taken } = pageAudit(() => watched.page, rules);
  beforeAll(async () => {
    watched = await watchedPage(browser, keywright.url, options);
    await signInByApi(watched.page);
  });
  afterAll(() => watched?.close());
  pictureOfFailure(() => watched?.page);

  test('the route rule pages are accessible', async () => {
    const { page } = watched;
    const dialog = page.getByRole('dialog');
    await page.goto('/route-rules?q=nothing+at+all');
    await page.getByText('No rules match', { exact: true }).waitFor();
    await look('route rules without a match');
    await page.goto('/route-rules');
    await page.getByText('Never matches').first().waitFor();
    await page
      .getByLabel('Path', { exact: true })
      .fill('/a-path/scp_1/with/many/rather/long/segments/scp_2/in/it');
    await page.getByRole('button', { name: 'Try', exact: true }).click();
    await page.getByText('at the scope').waitFor();
    await look('route rules');
    await page.getByRole('button', { name: 'Add rule' }).click();
    await dialog.getByRole('button', { name: 'Add rule' }).click();
    await dialog.getByText('Enter a path').waitFor();
    await look('route rule with faults');
    await cancelDialog(page);
    await chooseInMenu(page, `GET ${LONG}`, 'Edit');
    await dialog.getByRole('button', { name: 'Save changes' }).waitFor();
    await look('route rule');
    await cancelDialog(page);
    await page.getByRole('button', { name: 'Import from OpenAPI' }).click();
    await dialog.getByLabel('Document', { exact: true }).fill(DOCUMENT);
    await look('OpenAPI document');
    await dialog.getByRole('button', { name: 'Preview rules' }).click();
    await dialog.getByText('without a permission').waitFor();
    await look('OpenAPI preview');
    await cancelDialog(page);
    expect(taken()).toEqual([]);
  });

  test('makes no requests to other hosts and logs no errors', () => {
    expect(watched.foreignRequests).toEqual([]);
    expect(watched.complaints).toEqual([]);
  });
});
