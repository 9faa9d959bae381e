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
  'Changed' | 'Created' | 'Disabled' | 'Enabled' | 'Locked' | 'Regenerated' | 'Revoked' | 'Unlocked';

/** What a healthy process does soon after a change, by action; the server never decides from data older than 5 s. */
const WITHIN_5_SECONDS: Partial<Record<ChangeWord, string>> = {
  Disabled: 'A healthy node refuses the key within 5 seconds at most.',
  Revoked: 'A healthy node refuses the key within 5 seconds at most.',
  Regenerated: 'A healthy node takes the new secret, and no longer the old one, within 5 seconds at most.',
};

/** Whether every verifying process has the change; false if no process has reported. */
export const isEverywhere = ({ nodes, applied }: Propagation): boolean => nodes > 0 && applied >= nodes;

/** The progress of a change in a sentence; `final` if there is no further check. */
export function propagationWords(word: ChangeWord, propagation: Propagation, final = false): string {
  const { nodes, applied, milliseconds } = propagation;
  if (isEverywhere(propagation)) {
    const time = milliseconds == null ? '' : `${formatCount(milliseconds)} ms`;
    if (nodes > 1) return `${word} on ${applied} of ${nodes} nodes${time && ` in ${time}`}.`;
    return time ? `In force after ${time}.` : 'In force.';
  }
  if (nodes === 0) {
    return final
      ? 'Saved, but not confirmed: no process that verifies has been heard from for 10 seconds. Look at Processes.'
      : 'Saved. Waiting for a process that verifies.';
  }
  const reached = nodes > 1 ? `${word} on ${applied} of ${nodes} nodes` : 'Saved, but not in force yet';
  if (!final) return nodes > 1 ? `${reached} so far.` : `${reached}.`;
  const left = nodes - applied;
  const missing = left === 1 ? '1 node has not confirmed it' : `${left} nodes have not confirmed it`;
  const then = WITHIN_5_SECONDS[word] ?? 'A healthy node follows within 5 seconds at most.';
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
