import type { Locator, Page } from 'playwright-core';

/** The row of a list with this link as its header. */
export function listRow(page: Page, name: string): Locator {
  return page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
}

/** Selects the role of a row in a form with roles at scopes. */
export async function pickRole(dialog: Locator, position: number, role: string): Promise<void> {
  await dialog.getByRole('combobox', { name: `Role ${position}`, exact: true }).selectOption({ label: role });
}

/** Reads the one-time link in the open dialog and closes it. */
export async function takeLink(page: Page, look?: () => Promise<void>): Promise<string> {
  const dialog = page.getByRole('dialog').filter({ hasText: "It won't be shown again" });
  const link = await dialog.getByText('#token=').innerText();
  await look?.();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await dialog.waitFor({ state: 'detached' });
  return link;
}

/** Sets a password on the page of a one-time link. */
export async function chooseOnPage(page: Page, link: string, password: string): Promise<void> {
  await page.goto(link);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Save and sign in' }).click();
}

/** Fills in the first step of signing in. */
export async function startSigningIn(page: Page, who: { email: string; password: string }): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(who.email);
  await page.getByLabel('Password').fill(who.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Signs out with the user menu. */
export async function signOutOnPage(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'User menu' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByLabel('Password').waitFor();
}

/** Starts setting up a second factor up to its secret, and returns the secret. */
export async function startSecondFactor(page: Page, password: string): Promise<string> {
  await page.getByRole('button', { name: 'Set up' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Your password').fill(password);
  await dialog.getByRole('button', { name: 'Continue' }).click();
  await dialog.getByRole('img', { name: 'QR code' }).waitFor();
  return (await dialog.locator('code').innerText()).replaceAll(' ', '');
}

/** The recovery codes in the open dialog. */
export async function readRecoveryCodes(page: Page): Promise<string[]> {
  const list = page.getByRole('list', { name: 'Recovery codes' });
  await list.waitFor();
  return list.getByRole('listitem').allInnerTexts();
}
