import axe, { type RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

/** The axe rules that depend on colors. */
export const CONTRAST_RULES: readonly string[] = ['color-contrast', 'link-in-text-block'];

/** Serious and critical axe violations on the current page, one line per element; of these rules, if given. */
export async function seriousFindings(page: Page, rules?: readonly string[]): Promise<string[]> {
  // Move the mouse away, as hover changes the look of elements.
  await page.mouse.move(0, 0);
  // Wait for transitions and for lists that are dimmed while they load, as intermediate colors belong to no state.
  await page.waitForFunction(
    () =>
      document.querySelector('[aria-busy=true]') === null &&
      document
        .getAnimations()
        .filter((animation) => animation.effect?.getComputedTiming().endTime !== Infinity)
        .every((animation) => animation.playState !== 'running'),
  );
  // Once per document, as parsing it takes longer than most checks.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  const violations = await page.evaluate(
    async (only) => {
      const options: RunOptions = { resultTypes: ['violations'], ...(only && { runOnly: only }) };
      return (await (window as unknown as { axe: typeof axe }).axe.run(document, options)).violations;
    },
    rules && [...rules],
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, impact, nodes }) =>
      nodes.map((node) => `${impact} ${id}: ${node.target.join(' ')}: ${node.html}`),
    );
}

/** Horizontal overflow of the page, in pixels. */
export function horizontalOverflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
