import { ref } from 'vue';
import { useRouter } from 'vue-router';
import type { SignInAnswerFragment } from '../../gql/graphql.js';
import { safeNext } from '../../lib/safe-next.js';
import { useSession } from '../../stores/session.js';

/** What follows a proof of who one is: the pages, or a second step that `challenge` names. */
export function useSignInSteps(next: () => unknown = () => undefined) {
  const router = useRouter();
  const session = useSession();
  const challenge = ref('');

  async function goOn(answer: SignInAnswerFragment): Promise<void> {
    if (!answer.session) {
      challenge.value = answer.challenge ?? '';
      return;
    }
    // A one-time link may have been opened by somebody who was signed in as someone else.
    if (session.viewer) await session.forget();
    await session.load();
    await router.replace(safeNext(next()));
  }

  return {
    challenge,
    goOn,
    startOver: () => {
      challenge.value = '';
    },
  };
}
