import type { Page } from 'playwright-core';
import { Authenticator } from '../peers/authenticator.js';
import { chooseInMenu } from './keys-page.js';
import { readRecoveryCodes, startSecondFactor, takeLink } from './people-page.js';

/** Visits UI states and calls `look` on each. */
type Look = (state: string) => Promise<void>;

/** Visits the pages of one-time links and forgotten passwords, which need no session. */
export async function tourLinks(page: Page, look: Look): Promise<void> {
  await page.goto('/sign-in?problem=not_allowed');
  await page.getByRole('alert').waitFor();
  await look('sign-in after single sign-on failed');
  await page.goto('/forgot-password');
  await page.getByRole('heading', { name: 'Forgot your password?' }).waitFor();
  await look('forgotten password');
  await page.goto('/choose-password');
  await page.getByText('Link needed').waitFor();
  await look('choose a password without a link');
  await page.goto('/sign-in');
  await page.goto('/choose-password#token=none');
  await page.getByLabel('Password', { exact: true }).waitFor();
  await look('choose a password');
  await page.getByLabel('Password', { exact: true }).fill('a password of some length');
  await page.getByRole('button', { name: 'Save and sign in' }).click();
  await page.getByText("This link doesn't work").waitFor();
  await look('a link that does not work');
}

/** Visits the second step of signing in, for a user with a second factor. */
export async function tourSecondStep(
  page: Page,
  who: { email: string; password: string },
  look: Look,
): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(who.email);
  await page.getByLabel('Password').fill(who.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('One-time code').waitFor();
  await look('second step');
  await page.getByRole('button', { name: 'Use a recovery code' }).click();
  await page.getByLabel('Recovery code').waitFor();
  await look('second step with a recovery code');
}

/** Visits the list of users and opens all its dialogs. */
export async function tourUsers(page: Page, look: Look): Promise<void> {
  const dialog = page.getByRole('dialog');
  const close = async (): Promise<void> => {
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
  };
  await page.goto('/users');
  await page.getByRole('link', { name: 'Ada Operator' }).waitFor();
  await look('users');
  await page.getByRole('button', { name: 'Invite user' }).click();
  await dialog.getByLabel('E-mail').waitFor();
  await dialog.getByRole('button', { name: 'Invite' }).click();
  await dialog.getByText('Enter an e-mail address.').waitFor();
  await look('invite with faults');
  await close();
  for (const entry of ['New link', 'Revoke']) {
    await chooseInMenu(page, 'ines@example.test', entry);
    await dialog.getByRole('button', { name: 'Cancel' }).waitFor();
    await look(`invitation: ${entry}`);
    await close();
  }
  for (const entry of ['Edit', 'Password link', 'End sessions', 'Disable']) {
    await chooseInMenu(page, 'Ada Operator', entry);
    await dialog.getByRole('button', { name: 'Cancel' }).waitFor();
    await look(`user: ${entry}`);
    await close();
  }
  await page.getByRole('switch').click();
  await dialog.getByRole('button', { name: 'Require for everyone' }).waitFor();
  await look('second factor for everyone');
  await close();
  await page.goto('/users?q=nobody+at+all');
  await page.getByText('No users match').waitFor();
  await look('users without a match');
}

/** Visits the pages of single users and shows a one-time link. */
export async function tourUser(page: Page, look: Look): Promise<void> {
  await page.goto('/users');
  await page.getByRole('link', { name: 'Ada Operator' }).click();
  await page.getByRole('heading', { name: 'Ada Operator', level: 1 }).waitFor();
  await page.getByText('accepted an invitation').waitFor();
  await look('user');
  await page.goto('/users');
  await chooseInMenu(page, 'ines@example.test', 'New link');
  await page.getByRole('button', { name: 'Create link' }).click();
  const link = await takeLink(page, () => look('one-time link'));
  await page.goto(link);
  await page.getByText('This invitation is for someone else').waitFor();
  await look('invitation of somebody else');
  await page.goto('/users');
  await page.getByRole('link', { name: 'Ada Operator' }).waitFor();
}

/** Visits roles, the permission catalog and the license, and opens all their dialogs. */
export async function tourRoles(page: Page, look: Look): Promise<void> {
  const dialog = page.getByRole('dialog');
  const close = async (): Promise<void> => {
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
  };
  await page.goto('/roles');
  await page.getByRole('link', { name: 'Billing reader' }).waitFor();
  await look('roles');
  for (const entry of ['Edit', 'Duplicate', 'Delete']) {
    await chooseInMenu(page, 'Billing reader', entry);
    await dialog.getByRole('button', { name: 'Cancel' }).waitFor();
    await look(`role: ${entry}`);
    await close();
  }
  await page.getByRole('link', { name: 'Billing reader' }).click();
  await page.getByText('created the role').waitFor();
  await look('role');
  await page.goto('/permissions');
  await page.getByText('View Customers', { exact: true }).waitFor();
  await look('permissions');
  await page.getByRole('button', { name: 'Add permission' }).click();
  await dialog.getByRole('button', { name: 'Add permission' }).click();
  await dialog.getByText('Enter a label.').waitFor();
  await look('permission with faults');
  await close();
  await chooseInMenu(page, 'View Customers', 'Delete');
  await dialog.getByRole('button', { name: 'Cancel' }).waitFor();
  await look('permission: Delete');
  await close();
  await page.goto('/license');
  await page.getByText('How it works').waitFor();
  await look('license');
  await page.goto('/processes');
  await page.getByText('Manages and verifies').waitFor();
  await look('processes');
}

/** Visits the account page of the user with this password, and sets up a second factor. */
export async function tourAccount(page: Page, password: string, look: Look): Promise<void> {
  const dialog = page.getByRole('dialog');
  await page.goto('/account');
  await page.getByText('Signed-in sessions').waitFor();
  await look('account');
  await page.getByRole('button', { name: 'Change password' }).click();
  await dialog.getByRole('button', { name: 'Change password' }).click();
  await dialog.getByText('Enter your current password.').waitFor();
  await look('change the password');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'detached' });
  const authenticator = new Authenticator(await startSecondFactor(page, password));
  await look('second factor to scan');
  await dialog.getByLabel('One-time code').fill(await authenticator.fresh());
  await dialog.getByRole('button', { name: 'Turn on' }).click();
  const [code] = await readRecoveryCodes(page);
  await look('recovery codes');
  await page.keyboard.press('Escape');
  await dialog.getByText('Close without saving the codes?').waitFor();
  await look('guarded close of recovery codes');
  await dialog.getByRole('button', { name: 'Close anyway' }).click();
  await page.getByText('recovery codes are left').waitFor();
  await look('account with a second factor');
  await page.getByRole('button', { name: 'Turn off' }).click();
  await dialog.getByLabel('Your password').fill(password);
  await dialog.getByLabel('One-time code').fill(code!);
  await look('turn off the second factor');
  await dialog.getByRole('button', { name: 'Turn off' }).click();
  await page.getByRole('button', { name: 'Set up' }).waitFor();
}

/** Expands the navigation. */
export async function tourNavigation(page: Page, look: Look): Promise<void> {
  await page.goto('/docs');
  await page.getByRole('heading', { name: 'API documentation' }).waitFor();
  const narrow = page.getByRole('button', { name: 'Menu', exact: true });
  if (await narrow.isVisible()) {
    await narrow.click();
    await page.getByRole('link', { name: 'License' }).waitFor();
  } else {
    await page.getByRole('button', { name: 'Access' }).click();
    await page.getByRole('menuitem', { name: 'License' }).waitFor();
  }
  await look('navigation');
  await page.keyboard.press('Escape');
}
