import { formatCount } from './number.js';

/** How far a change has reached the nodes that verify. */
export interface Propagation {
  changeToken: string;
  nodes: number;
  applied: number;
  milliseconds?: number | null;
}

/** What was done to the key, as the beginning of a sentence. */
export type ChangeWord =
  'Changed' | 'Created' | 'Disabled' | 'Enabled' | 'Locked' | 'Regenerated' | 'Revoked' | 'Unlocked';

/** What a node that is healthy does soon after a change, by what was done; the server answers from nothing older than 5 s. */
const WITHIN_5_SECONDS: Partial<Record<ChangeWord, string>> = {
  Disabled: 'A healthy node refuses the key within 5 seconds at most.',
  Revoked: 'A healthy node refuses the key within 5 seconds at most.',
  Regenerated: 'A healthy node takes the new secret, and no longer the old one, within 5 seconds at most.',
};

/** Whether every node that verifies has the change; where none was heard from, nothing confirms it. */
export const isEverywhere = ({ nodes, applied }: Propagation): boolean => nodes > 0 && applied >= nodes;

/** How far a change has got, in a sentence; `final` when nobody asks again. */
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

/** How often it is asked how far a change has got. */
const MOST_QUESTIONS = 10;

/**
 * Says how far a change has got, and goes on saying so until all nodes have it or it was asked often enough. `ask` answers
 * how far it is now; `wait` ends when it is time to ask again. A question that fails is asked again. In the end `unsure` is
 * true if some nodes have not confirmed it.
 */
export async function followPropagation(
  word: ChangeWord,
  first: Propagation,
  show: (words: string, unsure: boolean) => void,
  { ask, wait }: { ask: (changeToken: string) => Promise<Propagation>; wait: () => Promise<unknown> },
): Promise<void> {
  let latest = first;
  show(propagationWords(word, latest), false);
  for (let questions = 1; !isEverywhere(latest) && questions <= MOST_QUESTIONS; questions++) {
    await wait();
    latest = await ask(first.changeToken).catch(() => latest);
    const final = questions === MOST_QUESTIONS;
    show(propagationWords(word, latest, final), final && !isEverywhere(latest));
  }
}
