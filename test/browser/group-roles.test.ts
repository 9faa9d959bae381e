import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, test } from 'vitest';
import { launchBrowser } from '../support/browser/browser.js';
import { signIn } from '../support/peers/client.js';
import { request } from '../support/peers/graphql.js';
import { signInByApi } from '../support/browser/keys-page.js';
import { pictureOfFailure } from '../support/browser/picture-of-failure.js';
import { roleId } from '../support/seed/sample-people.js';
import { signInThere, startSingleSignOn, type SingleSignOn } from '../support/servers/single-sign-on.js';
import { watchedPage, type WatchedPage } from '../support/browser/watched-page.js';

let sso: SingleSignOn;
let browser: Browser;
let watched: WatchedPage;
let page: Page;

beforeAll(async () => {
  [sso, browser] = await Promise.all([startSingleSignOn(), launchBrowser()]);
  watched = await watchedPage(browser, sso.url);
  page = watched.page;
  await signInByApi(page);
});
afterAll(async () => {
  await browser?.close();
  await sso?.stop();
});
pictureOfFailure(() => page);

test('the roles of groups are shown with their problems, and a failed request as an error', async () => {
  const failed = page.getByText('The single sign-on roles could not be read');
  const cut = (url: URL): boolean => url.pathname === '/graphql';
  await page.route(cut, (route) =>
    route.request().postData()?.includes('singleSignOnRoles') ? route.abort() : route.continue(),
  );
  await page.goto('/users');
  await failed.waitFor();
  await page.unroute(cut);
  await page
    .getByRole('region', { name: 'Single sign-on' })
    .getByRole('button', { name: 'Try again' })
    .click();
  const panel = page.getByRole('region', { name: 'Single sign-on' });
  const row = (group: string, role: string) =>
    panel.getByRole('listitem').filter({ hasText: group }).filter({ hasText: role });
  await row('everything', 'Owner').getByText('Whole installation').waitFor();
  await failed.waitFor({ state: 'detached' });
  await row('lost', 'Nobody made this one (no such role)').waitFor();
  await row('lost', 'No such scope').waitFor();
  await row('writers', 'Acme').waitFor();
});

test('a renamed role is shown by its new name, next to the name in the setting', async () => {
  sso.provider.be({ sub: 'ada', email: 'ada@example.test', groups: ['readers'] });
  const owner = { bearer: await signIn(sso.url) };
  await signInThere(sso.url);
  await request(
    sso.url,
    'mutation ($input: UpdateRoleInput!) { updateRole(input: $input) { id } }',
    { input: { id: await roleId(sso.url, owner, 'Test Reader'), name: 'Key watcher' } },
    owner,
  );
  await page.goto('/users');
  const panel = page.getByRole('region', { name: 'Single sign-on' });
  const row = panel.getByRole('listitem').filter({ hasText: 'readers' });
  await row.getByRole('link', { name: 'Key watcher' }).waitFor();
  await row.getByText('Set as “test reader”').waitFor();
});
