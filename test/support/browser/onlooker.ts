import type { Page } from 'playwright-core';
import { horizontalOverflow, seriousFindings } from './accessibility.js';

/** The viewports and modes in which every page is checked. */
export const LOOKS = [
  { look: 'light', options: { colorScheme: 'light' } },
  { look: 'dark', options: { colorScheme: 'dark' } },
  { look: 'light on a phone', options: { colorScheme: 'light', viewport: { width: 390, height: 844 } } },
] as const;

/** Checks UI states and collects accessibility problems. */
export function onlooker(page: () => Page) {
  const findings: string[] = [];
  return {
    look: async (state: string): Promise<void> => {
      const serious = await seriousFindings(page());
      const overflow = await horizontalOverflow(page());
      findings.push(...serious.map((finding) => `${state}: ${finding}`));
      if (overflow > 0) findings.push(`${state}: ${overflow} px wider than the window`);
    },
    /** Problems found since the last call. */
    taken: (): string[] => findings.splice(0),
  };
}
