import type { Page } from 'playwright-core';
import { cancelDialog } from './access-page.js';
import { chooseInMenu } from './keys-page.js';
import type { SampleAccess } from '../seed/sample-access.js';

/** Visits UI states and calls `look` on each. */
type Look = (state: string) => Promise<void>;

/** Visits the list of customers and its dialogs. */
export async function tourCustomers(page: Page, look: Look): Promise<void> {
  const dialog = page.getByRole('dialog');
  await page.goto('/customers?q=nobody+at+all');
  await page.getByText('No customers match').waitFor();
  await look('customers without a match');
  await page.goto('/customers');
  await page.getByRole('link', { name: 'Umbrella Broadband' }).waitFor();
  await look('customers');
  await page.getByRole('button', { name: 'Create customer' }).click();
  await dialog.getByRole('button', { name: 'Create customer' }).click();
  await dialog.getByText('Enter an e-mail address.').waitFor();
  await look('customer with faults');
  await cancelDialog(page);
  for (const entry of ['Edit', 'Turn API off', 'Delete']) {
    await chooseInMenu(page, 'Umbrella Broadband', entry);
    await dialog.getByRole('button', { name: 'Cancel' }).waitFor();
    await look(`customer: ${entry}`);
    await cancelDialog(page);
  }
}

/** Visits the pages of a customer, of organizations and of an account. */
export async function tourScopes(
  page: Page,
  { customer, organization, account, offAbove }: SampleAccess,
  look: Look,
): Promise<void> {
  const dialog = page.getByRole('dialog');
  await page.goto(`/scopes/${customer}`);
  await page.getByRole('link', { name: /^Retail and wholesale/ }).waitFor();
  await page.getByText('created it').waitFor();
  await look('customer');
  await page.getByRole('tab', { name: 'API' }).click();
  await page.getByRole('link', { name: 'Invoice export' }).waitFor();
  await look('API tab');
  await page.goto(`/scopes/${offAbove}`);
  await page.getByText('The API switch of').waitFor();
  await look('organization below a switch that is off');
  await page.goto(`/scopes/${account}`);
  await page.getByText('No service accounts yet').waitFor();
  await look('account');
  await page.goto(`/scopes/${organization}`);
  await page.getByRole('link', { name: 'Berlin' }).waitFor();
  await chooseInMenu(page, 'Berlin', 'Move');
  await dialog.getByRole('button', { name: /^New organization/ }).click();
  await page.getByRole('listbox').getByRole('option').first().waitFor();
  await look('move to another organization');
  await page.keyboard.press('Escape');
  await cancelDialog(page);
  await page.goto('/scopes/scp_00000000000000000000000001');
  await page.getByText('This scope does not exist').waitFor();
  await look('no such scope');
}

/** Visits the list of service accounts with its dialogs, and two service accounts. */
export async function tourServiceAccounts(page: Page, look: Look): Promise<void> {
  const dialog = page.getByRole('dialog');
  await page.goto('/service-accounts?q=nobody+at+all');
  await page.getByText('No service accounts match').waitFor();
  await look('service accounts without a match');
  await page.goto('/service-accounts');
  await page.getByRole('link', { name: 'Invoice export' }).waitFor();
  await look('service accounts');
  await page.getByRole('button', { name: 'Add a service account' }).click();
  await dialog.getByRole('button', { name: 'Add service account' }).click();
  await dialog.getByText('Choose a role or individual permissions.').waitFor();
  await look('service account with faults');
  await dialog.getByRole('button', { name: /^Where role 1 holds/ }).click();
  await page.getByRole('listbox').getByRole('option').nth(1).waitFor();
  await look('picking a scope');
  await page.keyboard.press('Escape');
  await cancelDialog(page);
  for (const entry of ['Edit', 'Delete']) {
    await chooseInMenu(page, 'Invoice export', entry);
    await dialog.getByRole('button', { name: 'Cancel' }).waitFor();
    await look(`service account: ${entry}`);
    await cancelDialog(page);
  }
  await tourServiceAccount(page, look);
}

async function tourServiceAccount(page: Page, look: Look): Promise<void> {
  await page.getByRole('link', { name: 'Invoice export' }).click();
  await page.getByRole('heading', { name: 'Invoice export', level: 1 }).waitFor();
  await page.getByRole('link', { name: 'Ledger' }).waitFor();
  await page.getByText('created the service account').waitFor();
  await page.getByRole('button', { name: 'Add key' }).click();
  await page.getByText('Enter a name for the key.').waitFor();
  await look('service account');
  await page.goto('/service-accounts');
  await page.getByRole('link', { name: 'Lab bench' }).click();
  await page.getByText('The API switch of').waitFor();
  await page.getByText('No keys yet').waitFor();
  await look('service account without keys, below a switch that is off');
}

/** Visits the parts of the keys UI that involve service accounts and scopes. */
export async function tourInheritance(
  page: Page,
  { narrowedKey, serviceAccount, customer }: SampleAccess,
  look: Look,
): Promise<void> {
  const dialog = page.getByRole('dialog');
  await page.goto(`/keys/${narrowedKey}`);
  await page.getByText('Limited to part of what').waitFor();
  await look('narrowed key');
  await page.getByRole('button', { name: 'Edit' }).click();
  await dialog.getByLabel('Only part of it').waitFor();
  await look('editing a narrowed key');
  await cancelDialog(page);
  await page.goto(`/keys?account=${serviceAccount}&within=${customer}`);
  await page.getByText('In Umbrella Broadband').waitFor();
  await look('keys of a service account');
  await page.getByRole('button', { name: 'Create API key' }).click();
  await dialog.getByRole('button', { name: 'Service account', exact: true }).click();
  await dialog.getByRole('button', { name: /^Service account:/ }).click();
  await page.getByRole('listbox').getByRole('option').first().waitFor();
  await look('picking a service account');
  await page.keyboard.press('Escape');
  await dialog.getByRole('button', { name: 'Own permissions' }).click();
  await dialog.getByRole('button', { name: /^Use roles/ }).click();
  await look('key with roles');
  await cancelDialog(page);
}
