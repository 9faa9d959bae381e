import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser/browser.js';
import { signIn } from '../support/peers/client.js';
import { request, type Credential } from '../support/peers/graphql.js';
import { chooseInMenu, signInByApi } from '../support/browser/keys-page.js';
import { pictureOfFailure } from '../support/browser/picture-of-failure.js';
import { createRule, listRules } from '../support/seed/route-rules.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';
import { watchedPage, type WatchedPage } from '../support/browser/watched-page.js';

const DOCUMENT = `openapi: 3.1.0
info: { title: Billing }
paths:
  /invoices: { get: { security: [{ oauth: [view_invoice] }] } }
`;

let keywright: Keywright;
let browser: Browser;
let watched: WatchedPage;
let page: Page;
let dialog: Locator;
let owner: Credential;
/** Ids of the rules /a, /b and /c, in this order. */
let ids: string[];

beforeAll(async () => {
  [keywright, browser] = await Promise.all([startKeywright(), launchBrowser()]);
  owner = { bearer: await signIn(keywright.url) };
});
afterAll(async () => {
  await browser?.close();
  await keywright?.stop();
});
beforeEach(async () => {
  for (const { id } of await listRules(keywright.url, owner)) await remove(id);
  ids = [];
  for (const pathPattern of ['/a', '/b', '/c']) ids.push((await rule(pathPattern)).id);
  watched = await watchedPage(browser, keywright.url);
  page = watched.page;
  dialog = page.getByRole('dialog');
  await signInByApi(page);
  await page.goto('/route-rules');
  await page.getByRole('listitem').filter({ hasText: '/c' }).waitFor();
});
afterEach(() => watched.close());
pictureOfFailure(() => page);

// A concurrent change while the form is open.
const ask = (query: string, variables: Record<string, unknown>): Promise<unknown> =>
  request(keywright.url, query, variables, owner);
const rule = (pathPattern: string, over: Record<string, unknown> = {}) =>
  createRule(keywright.url, owner, { pathPattern, ...over });
const remove = (id: string): Promise<unknown> =>
  ask('mutation ($id: ID!) { deleteRouteRule(id: $id) }', { id });
const change = (input: Record<string, unknown>): Promise<unknown> =>
  ask('mutation ($input: UpdateRouteRuleInput!) { updateRouteRule(input: $input) { id } }', { input });
const move = (id: string, position: number): Promise<unknown> =>
  ask('mutation ($id: ID!, $position: Int!) { moveRouteRule(id: $id, position: $position) { id } }', {
    id,
    position,
  });

const saved = async (): Promise<string[]> =>
  (await listRules(keywright.url, owner)).map(
    ({ method, pathPattern, permission, access }) => `${method} ${pathPattern} ${permission ?? access}`,
  );
const press = (name: string): Promise<void> => dialog.getByRole('button', { name, exact: true }).click();
const closed = (): Promise<void> => dialog.waitFor({ state: 'detached' });
const changedBy = (field: string): Promise<string | null> =>
  dialog.locator(`[data-field="${field}"]`).getAttribute('data-changed-by');

test('an edited rule shows the changes of somebody else and saves the chosen values', async () => {
  await chooseInMenu(page, 'GET /b', 'Edit');
  await dialog.getByLabel('Description').fill('From the form');
  await dialog.getByLabel('Method').selectOption('POST');
  await change({ id: ids[1], access: 'NOBODY', description: 'From elsewhere' });
  await press('Save changes');
  await dialog.getByText('Somebody else saved changes while you were editing').waitFor();
  expect((await saved())[1]).toBe('GET /b NOBODY');
  expect([await changedBy('Access'), await changedBy('Description'), await changedBy('Method')]).toEqual([
    'them',
    'both',
    'you',
  ]);
  await dialog.getByRole('radio', { name: 'Description: keep yours' }).check();
  await press('Save these choices');
  await closed();
  const [, changed] = await listRules(keywright.url, owner);
  expect(changed).toMatchObject({
    method: 'POST',
    pathPattern: '/b',
    access: 'NOBODY',
    permission: null,
    description: 'From the form',
  });
});

test('a rule whose permission somebody else replaced never ends up with a mix of both', async () => {
  await chooseInMenu(page, 'GET /b', 'Edit');
  await dialog.getByLabel('Permission', { exact: true }).selectOption('create_customer');
  await change({ id: ids[1], access: 'ANY_KEY' });
  await press('Save changes');
  await dialog.getByText('Somebody else saved changes while you were editing').waitFor();
  expect(await changedBy('Access')).toBe('both');
  await press('Save these choices');
  await closed();
  expect((await saved())[1]).toBe('GET /b ANY_KEY');

  await chooseInMenu(page, 'GET /c', 'Edit');
  await dialog.getByLabel('Permission', { exact: true }).selectOption('create_customer');
  await change({ id: ids[2], access: 'NOBODY' });
  await press('Save changes');
  await dialog.getByRole('radio', { name: 'Access: keep yours' }).check();
  await press('Save these choices');
  await closed();
  expect((await saved())[2]).toBe('GET /c create_customer');
});

test('a form with a conflict can be reopened and keeps the choices', async () => {
  await chooseInMenu(page, 'GET /b', 'Edit');
  await dialog.getByLabel('Description').fill('From the form');
  await change({ id: ids[1], method: 'POST', description: 'From elsewhere' });
  await press('Save changes');
  await press('Back to the form');
  expect(await dialog.getByLabel('Method').inputValue()).toBe('POST');
  expect(await dialog.getByLabel('Description').inputValue()).toBe('From elsewhere');
  await dialog.getByLabel('Description').fill('Agreed');
  await press('Save changes');
  await closed();
  expect((await listRules(keywright.url, owner))[1]).toMatchObject({ method: 'POST', description: 'Agreed' });
});

test('an edited rule that was only moved is saved at its new position', async () => {
  await chooseInMenu(page, 'GET /b', 'Edit');
  await dialog.getByLabel('Method').selectOption('POST');
  await rule('/first', { position: 1 });
  await move(ids[1]!, 4);
  await press('Save changes');
  await closed();
  expect((await saved()).map((each) => each.split(' ').slice(0, 2).join(' '))).toEqual([
    'GET /first',
    'GET /a',
    'GET /c',
    'POST /b',
  ]);
});

test('an edited rule that somebody else deleted stays deleted, and the form says so', async () => {
  await chooseInMenu(page, 'GET /b', 'Edit');
  await dialog.getByLabel('Method').selectOption('POST');
  await remove(ids[1]!);
  await press('Save changes');
  await dialog.getByRole('alert').filter({ hasText: 'somebody else deleted it' }).waitFor();
  await press('Cancel');
  await closed();
  await page.getByRole('listitem').filter({ hasText: '/b' }).waitFor({ state: 'detached' });
  expect(await saved()).toEqual(['GET /a view_customer', 'GET /c view_customer']);
});

test('a rule is added before all others only if the user has seen them', async () => {
  await page.getByRole('button', { name: 'Add rule' }).click();
  await dialog.getByLabel('Path', { exact: true }).fill('/mine');
  await dialog.getByLabel('Access', { exact: true }).selectOption('NOBODY');
  await dialog.getByLabel('Add to the top').check();
  await rule('/theirs', { position: 1 });
  await press('Add rule');
  await dialog.getByRole('alert').filter({ hasText: 'Somebody else changed the rules' }).waitFor();
  await page.locator('li', { hasText: '/theirs' }).waitFor();
  expect(await saved()).not.toContain('GET /mine NOBODY');
  await press('Add rule');
  await closed();
  expect((await saved()).slice(0, 2)).toEqual(['ANY /mine NOBODY', 'GET /theirs view_customer']);
});

test('a rule is added after all others, even if they changed', async () => {
  await page.getByRole('button', { name: 'Add rule' }).click();
  await dialog.getByLabel('Path', { exact: true }).fill('/mine');
  await dialog.getByLabel('Access', { exact: true }).selectOption('NOBODY');
  await rule('/theirs');
  await press('Add rule');
  await closed();
  expect((await saved()).slice(3)).toEqual(['GET /theirs view_customer', 'ANY /mine NOBODY']);
});

test('a rule is moved only within the order that the user has seen', async () => {
  await move(ids[1]!, 1);
  const handle = page.getByRole('button', { name: /^Move GET \/c, rule/ });
  await handle.press('ArrowUp');
  await page.getByText('Somebody else changed the rules. This is the current order').waitFor();
  await page.getByRole('button', { name: 'Move GET /b, rule 1' }).waitFor();
  const path = (each: string): string => each.split(' ')[1]!;
  expect((await saved()).map(path)).toEqual(['/b', '/a', '/c']);
  await handle.press('ArrowUp');
  await page.getByText('GET /c is now rule 2').waitFor();
  expect((await saved()).map(path)).toEqual(['/b', '/c', '/a']);

  await remove(ids[0]!);
  await page.getByRole('button', { name: 'Move GET /a, rule 3' }).press('ArrowUp');
  await page.getByText('Somebody else deleted it.').waitFor();
  await page.getByRole('listitem').filter({ hasText: '/a' }).waitFor({ state: 'detached' });
});

test('a rule that somebody else changed is deleted only after its current state was shown', async () => {
  await chooseInMenu(page, 'GET /b', 'Delete');
  await dialog.getByText('View Customers (Production)').waitFor();
  await change({ id: ids[1], access: 'NOBODY', method: 'ANY' });
  await press('Delete rule');
  await dialog.getByRole('alert').filter({ hasText: 'Somebody else changed the rules' }).waitFor();
  await dialog.getByRole('heading', { name: 'Delete ANY /b' }).waitFor();
  await dialog.getByText('Nobody (Production)').waitFor();
  expect((await saved())[1]).toBe('ANY /b NOBODY');
  await press('Delete rule');
  await closed();
  expect(await saved()).toEqual(['GET /a view_customer', 'GET /c view_customer']);
});

test('a rule that somebody else already deleted causes no error', async () => {
  await chooseInMenu(page, 'GET /b', 'Delete');
  await remove(ids[1]!);
  await press('Delete rule');
  await page.getByText('Somebody else has already deleted GET /b').waitFor();
  await closed();
  await page.getByRole('listitem').filter({ hasText: '/b' }).waitFor({ state: 'detached' });
  expect(await saved()).toHaveLength(2);
});

test('an import with a stale preview shows the new result and asks again', async () => {
  await page.getByRole('button', { name: 'Import from OpenAPI' }).click();
  await dialog.getByLabel('Document', { exact: true }).fill(DOCUMENT);
  await dialog.getByLabel('Where the rules go').selectOption('REPLACE');
  await press('Preview rules');
  await dialog.getByText('3 rules will be removed').waitFor();
  await rule('/theirs');
  await press('Import rules');
  await dialog.getByRole('alert').filter({ hasText: 'Somebody else changed the rules' }).waitFor();
  await dialog.getByText('4 rules will be removed').waitFor();
  expect(await saved()).toHaveLength(4);
  await press('Import rules');
  await closed();
  expect(await saved()).toEqual(['GET /invoices view_invoice']);
});

test('an import that somebody else already did has nothing left to do, and says so', async () => {
  await page.getByRole('button', { name: 'Import from OpenAPI' }).click();
  await dialog.getByLabel('Document', { exact: true }).fill(DOCUMENT);
  await press('Preview rules');
  await dialog.getByText('1 new').waitFor();
  await ask('mutation ($input: OpenApiImportInput!) { importOpenApi(input: $input) { revision } }', {
    input: { document: DOCUMENT, environments: ['PRODUCTION'] },
  });
  await press('Import rules');
  await dialog.getByRole('alert').filter({ hasText: 'nothing left to import' }).waitFor();
  expect(await dialog.getByRole('button', { name: 'Import', exact: true }).isDisabled()).toBe(true);
  await press('Cancel');
  await closed();
  await page.getByRole('listitem').filter({ hasText: '/invoices' }).waitFor();
});
