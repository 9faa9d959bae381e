import type { Page } from 'playwright-core';
import { CONTRAST_RULES, horizontalOverflow, seriousFindings } from './accessibility.js';

/** The viewports and modes in which every page is checked, and the axe rules; all by default. Dark changes only colors. */
export const LOOKS = [
  { look: 'light', options: { colorScheme: 'light' }, rules: undefined },
  { look: 'dark', options: { colorScheme: 'dark' }, rules: CONTRAST_RULES },
  {
    look: 'light on a phone',
    options: { colorScheme: 'light', viewport: { width: 390, height: 844 } },
    rules: undefined,
  },
] as const;

/** Checks UI states and collects accessibility problems. */
export function pageAudit(page: () => Page, rules?: readonly string[]) {
  const findings: string[] = [];
  return {
    look: async (state: string): Promise<void> => {
      const serious = await seriousFindings(page(), rules);
      const overflow = await horizontalOverflow(page());
      findings.push(...serious.map((finding) => `${state}: ${finding}`));
      if (overflow > 0) findings.push(`${state}: ${overflow} px wider than the window`);
    },
    /** Problems found since the last call. */
    taken: (): string[] => findings.splice(0),
  };
}
