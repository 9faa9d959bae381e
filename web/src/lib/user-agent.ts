/** A user agent in readable form. */
export interface Device {
  name: string;
  icon: string;
}

const first = (agent: string, choices: [RegExp, string][]): string | undefined =>
  choices.find(([pattern]) => pattern.test(agent))?.[1];

// The order matters: most browsers also claim to be others.
const BROWSERS: [RegExp, string][] = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/HeadlessChrome\/|\bChrome\/|\bCriOS\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const SYSTEMS: [RegExp, string][] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'Mac'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
];

/** The name of a user agent, such as `Firefox on Windows`; programs keep the name they give themselves. */
export function deviceOf(agent: string | null | undefined): Device {
  if (!agent) return { name: 'Unknown device', icon: 'i-lucide-circle-help' };
  const [browser, system] = [first(agent, BROWSERS), first(agent, SYSTEMS)];
  if (!browser) return { name: agent.split(/[\s(]/)[0] || agent, icon: 'i-lucide-terminal' };
  const handheld = system === 'iPhone' || system === 'iPad' || system === 'Android';
  return {
    name: system ? `${browser} on ${system}` : browser,
    icon: handheld ? 'i-lucide-smartphone' : 'i-lucide-monitor',
  };
}
