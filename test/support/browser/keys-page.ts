import type { Locator, Page } from 'playwright-core';
import { OWNER } from '../servers/start-keywright.js';

const SIGN_IN =
  'mutation ($email: String!, $password: String!) { signIn(email: $email, password: $password) { session { expiresAt } } }';

/**
 * Gives the page's context a session without loading a page, for tests that are not about signing in; as {@link OWNER}
 * by default.
 */
export async function signInByApi(
  page: Page,
  { email, password }: { email: string; password: string } = OWNER,
): Promise<void> {
  // Shares its cookies with the page.
  const response = await page.request.post('/graphql', {
    data: { query: SIGN_IN, variables: { email, password } },
  });
  const { errors } = (await response.json()) as { errors?: unknown };
  if (!response.ok() || errors) {
    throw new Error(`Not signed in: ${response.status()} ${JSON.stringify(errors)}`);
  }
}

/** Opens the keys page with a new session; as {@link OWNER} by default. */
export async function openKeysPage(page: Page, who?: { email: string; password: string }): Promise<void> {
  await signInByApi(page, who);
  await page.goto('/keys');
  await keysHeading(page).waitFor();
}

/** Signs in on the sign-in page and waits for the keys page; as {@link OWNER} by default. */
export async function signInOnPage(
  page: Page,
  who: { email: string; password: string } = OWNER,
): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(who.email);
  await page.getByLabel('Password').fill(who.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await keysHeading(page).waitFor();
}

function keysHeading(page: Page): Locator {
  return page.getByRole('heading', { name: 'API keys', level: 1 });
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
