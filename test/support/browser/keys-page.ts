import type { Locator, Page } from 'playwright-core';
import { OWNER } from '../servers/start-keywright.js';

/** Signs the owner in on the sign-in page and waits for the keys page. */
export async function signInOnPage(
  page: Page,
  who: { email: string; password: string } = OWNER,
): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(who.email);
  await page.getByLabel('Password').fill(who.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'API keys', level: 1 }).waitFor();
}

/** The row of the keys table with this name. */
export function keyRow(page: Page, name: string): Locator {
  return page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
}

/** Selects an entry of a row's menu. */
export async function chooseInMenu(page: Page, name: string, entry: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: entry, exact: true }).click();
}

/** The one-time secret and the curl snippet of the open reveal dialog. */
export async function readReveal(page: Page): Promise<{ secret: string; curl: string }> {
  const dialog = page.getByRole('dialog').filter({ hasText: "It won't be shown again" });
  await dialog.waitFor();
  const curl = await dialog.getByRole('region', { name: 'curl snippet' }).innerText();
  const secret = /X-API-KEY: (\w+)/.exec(curl)?.[1];
  if (!secret) throw new Error(`No secret in the snippet: ${curl}`);
  return { secret, curl };
}

/** Confirms that the secret is saved and closes the reveal dialog. */
export async function closeReveal(page: Page): Promise<void> {
  await page.getByLabel("I've saved it").check();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}
