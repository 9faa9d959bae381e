import { formatCount } from './number.js';

/** How many of the verifying processes have a change. */
export interface Propagation {
  changeToken: string;
  nodes: number;
  applied: number;
  milliseconds?: number | null;
}

/** The action on the key, as the start of a sentence. */
export type ChangeWord =
  | 'Changed'
  | 'Created'
  | 'Disabled'
  | 'Enabled'
  | 'Locked'
  | 'Regenerated'
  | 'Revoked'
  | 'Unlocked';

/** What a healthy process does soon after a change, by action; the server never decides from data older than 5 s. */
const WITHIN_5_SECONDS: Partial<Record<ChangeWord, string>> = {
  Disabled: 'Healthy processes reject the key within 5 seconds.',
  Revoked: 'Healthy processes reject the key within 5 seconds.',
  Regenerated: 'Healthy processes accept only the new secret within 5 seconds.',
};

/** Whether every verifying process has the change; false if no process has reported. */
export const isEverywhere = ({ nodes, applied }: Propagation): boolean => nodes > 0 && applied >= nodes;

/** The progress of a change in a sentence; `final` if there is no further check. */
export function propagationWords(word: ChangeWord, propagation: Propagation, final = false): string {
  const { nodes, applied, milliseconds } = propagation;
  if (isEverywhere(propagation)) {
    const time = milliseconds == null ? '' : `${formatCount(milliseconds)} ms`;
    if (nodes > 1) return `${word} on ${applied} of ${nodes} processes${time && ` in ${time}`}.`;
    return time ? `Live after ${time}.` : 'Live.';
  }
  if (nodes === 0) {
    return final
      ? 'Saved, but not confirmed: no verifying process has reported for 10 seconds. Check Processes.'
      : 'Saved. Waiting for a verifying process.';
  }
  const reached = nodes > 1 ? `${word} on ${applied} of ${nodes} processes` : 'Saved, but not live yet';
  if (!final) return nodes > 1 ? `${reached} so far.` : `${reached}.`;
  const left = nodes - applied;
  const missing = left === 1 ? '1 process has not confirmed it' : `${left} processes have not confirmed it`;
  const then = WITHIN_5_SECONDS[word] ?? 'Healthy processes follow within 5 seconds.';
  return `${reached}; ${missing}. ${then}`;
}

/** Max number of checks of a change's progress. */
const MAX_CHECKS = 10;

/**
 * Reports the progress of a change until all processes have it or the checks are used up. `ask` returns the current progress;
 * `wait` resolves when it is time for the next check. A failed check is repeated. In the last report, `unsure` is true if some
 * processes have not confirmed the change.
 */
export async function followPropagation(
  word: ChangeWord,
  first: Propagation,
  show: (words: string, unsure: boolean) => void,
  { ask, wait }: { ask: (changeToken: string) => Promise<Propagation>; wait: () => Promise<unknown> },
): Promise<void> {
  let latest = first;
  show(propagationWords(word, latest), false);
  for (let checks = 1; !isEverywhere(latest) && checks <= MAX_CHECKS; checks++) {
    await wait();
    latest = await ask(first.changeToken).catch(() => latest);
    const final = checks === MAX_CHECKS;
    show(propagationWords(word, latest, final), final && !isEverywhere(latest));
  }
}
