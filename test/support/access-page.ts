import type { Locator, Page } from 'playwright-core';

/** Picks in the picker with this label what a search for `text` finds, with the keyboard alone. */
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
  // A picker that was open closes together with the dialog that it belongs to.
  await page.waitForFunction(() => document.querySelector('[role=dialog]') === null);
}
