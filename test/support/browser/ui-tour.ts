import type { Page } from 'playwright-core';
import { chooseInMenu } from './keys-page.js';

/** Visits UI states and calls `look` on each. */
type Look = (state: string) => Promise<void>;

/** Visits the pages without a session. */
export async function tourSignedOut(page: Page, look: Look): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('Password').waitFor();
  await look('sign-in');
  await page.getByLabel('E-mail').fill('nobody@example.test');
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').waitFor();
  await look('sign-in refused');
  await page.goto('/setup');
  await page.getByRole('heading').first().waitFor();
  await look('set-up without a link');
}

/** Visits the pages of a signed-in user; `name` is a key with usage, `id` its Key ID. */
export async function tourPages(
  page: Page,
  { id, name }: { id: string; name: string },
  look: Look,
): Promise<void> {
  await page.goto('/keys');
  await page.getByRole('link', { name, exact: true }).waitFor();
  await look('keys');
  await page.goto('/keys?q=nothing+is+called+this');
  await page.getByText('No keys match').waitFor();
  await look('keys without a match');
  await page.goto(`/keys/${id}`);
  await page.getByRole('heading', { name, level: 1 }).waitFor();
  await page.getByRole('region', { name: 'Request log' }).waitFor();
  await look('key details');
  await page.goto('/docs');
  await page.getByRole('heading', { name: 'API documentation' }).waitFor();
  await look('documentation');
  await page.goto('/no-such-page');
  await page.getByText('This page does not exist').waitFor();
  await look('no such page');
}

/** Opens every dialog and panel of the keys page in turn; `name` is a key that is neither locked nor revoked. */
export async function tourDialogs(page: Page, name: string, look: Look): Promise<void> {
  await page.goto('/keys');
  await page.getByRole('link', { name, exact: true }).waitFor();
  const dialog = page.getByRole('dialog');
  const close = async (): Promise<void> => {
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
  };

  await page.getByRole('button', { name: 'Create API key' }).click();
  await dialog.getByLabel('Name').waitFor();
  await look('create');
  await dialog.getByLabel('On date').check();
  await dialog.getByLabel('Admin (all permissions)').check();
  await dialog.getByRole('button', { name: 'Create key' }).click();
  await dialog.getByText('name', { exact: false }).first().waitFor();
  await look('create with faults');
  await close();

  for (const entry of ['Edit', 'Duplicate', 'Regenerate', 'Revoke']) {
    await chooseInMenu(page, name, entry);
    await dialog.getByRole('button', { name: 'Cancel' }).waitFor();
    await look(entry.toLowerCase());
    await close();
  }

  await page.getByRole('button', { name: `Actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: 'Details' }).waitFor();
  await look('row menu');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Filters' }).click();
  await page.getByLabel('Environment').waitFor();
  await look('filters');
  await page.keyboard.press('Escape');

  await page.getByLabel(`Select ${name}`).check();
  await page.getByRole('toolbar').waitFor();
  await look('bulk actions');
  await page.getByRole('button', { name: 'Extend' }).click();
  await dialog.getByRole('button', { name: 'Cancel' }).waitFor();
  await look('extend');
  await close();
  await page.getByLabel(`Select ${name}`).uncheck();

  await page.getByRole('button', { name: 'User menu' }).click();
  await page.getByRole('menu').waitFor();
  await look('user menu');
  await page.keyboard.press('Escape');
}
