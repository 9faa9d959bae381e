import type { Locator, Page } from 'playwright-core';

/** Selects the result of a search for `text` in the picker with this label, using only the keyboard. */
export async function pickByKeyboard(
  page: Page,
  within: Locator,
  label: RegExp,
  text: string,
): Promise<void> {
  await within.getByRole('button', { name: label }).press('Enter');
  const search = page.getByRole('combobox', { name: /^Search/ });
  await search.fill(text);
  await page.getByRole('option', { name: text }).first().waitFor();
  await search.press('Enter');
  await search.waitFor({ state: 'detached' });
}

/** Cancels the open dialog. */
export async function cancelDialog(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  // An open picker closes together with its dialog.
  await page.waitForFunction(() => document.querySelector('[role=dialog]') === null);
}
