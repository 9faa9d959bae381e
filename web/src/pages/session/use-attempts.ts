import { computed, ref } from 'vue';
import { errorCode, errorMessage, retryAfterSeconds } from '../../apollo/errors.js';
import { useNow } from '../../composables/use-now.js';
import { formatDuration } from '../../lib/time.js';

/** The error message of the last attempt, with a countdown if the server requires a pause. */
export function useAttempts() {
  const now = useNow();
  const problem = ref('');
  const blockedUntil = ref(0);
  const waitSeconds = computed(() => Math.max(0, Math.ceil((blockedUntil.value - now.value) / 1_000)));
  const message = computed(() =>
    waitSeconds.value ? `${problem.value} Try again in ${formatDuration(waitSeconds.value)}.` : problem.value,
  );

  function refused(error: unknown): void {
    const wait = errorCode(error) === 'TOO_MANY_ATTEMPTS' ? retryAfterSeconds(error) : null;
    if (wait) blockedUntil.value = Date.now() + wait * 1_000;
    problem.value = wait ? 'Too many attempts.' : errorMessage(error);
  }

  return {
    message,
    blocked: computed(() => waitSeconds.value > 0),
    refused,
    clear: () => {
      problem.value = '';
    },
    say: (text: string) => {
      problem.value = text;
    },
  };
}
