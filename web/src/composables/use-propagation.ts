import { client } from '../apollo/client.js';
import {
  followPropagation,
  propagationWords,
  type ChangeWord,
  type Propagation,
} from '../lib/propagation.js';
import { PropagationQuery } from '../operations/keys.js';
import { useNotify } from './use-notify.js';

const ASK_AGAIN_MS = 1_000;

async function ask(changeToken: string): Promise<Propagation> {
  const { data } = await client.query({
    query: PropagationQuery,
    variables: { changeToken },
    fetchPolicy: 'no-cache',
  });
  return data!.propagation;
}

/** Calls `show` with the progress of a change until all processes have it, or for ten seconds; then with `unsure`. */
export function followChange(
  word: ChangeWord,
  change: Propagation,
  show: (words: string, unsure: boolean) => void,
): void {
  const wait = () => new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  void followPropagation(word, change, show, { ask, wait });
}

/** Messages about changes, with their propagation. */
export function useChangeNotice() {
  const notify = useNotify();

  /** Reports an action and updates the message while the change propagates. */
  return (title: string, word: ChangeWord, change: Propagation): void => {
    const id = notify.done(title, propagationWords(word, change));
    followChange(word, change, (words, unsure) => notify.describe(id, words, unsure));
  };
}
