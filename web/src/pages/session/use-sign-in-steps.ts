import { ref } from 'vue';
import { useRouter } from 'vue-router';
import type { SignInAnswerFragment } from '../../gql/graphql.js';
import { safeNext } from '../../lib/safe-next.js';
import { useSession } from '../../stores/session.js';

/** What follows a sign-in step: the app, or a second step identified by `challenge`. */
export function useSignInSteps(next: () => unknown = () => undefined) {
  const router = useRouter();
  const session = useSession();
  const challenge = ref('');

  async function goOn(answer: SignInAnswerFragment): Promise<void> {
    if (!answer.session) {
      challenge.value = answer.challenge ?? '';
      return;
    }
    // The one-time link may have been opened while signed in as another user.
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
