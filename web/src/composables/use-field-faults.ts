import { ref } from 'vue';
import { errorMessage, fieldErrors } from '../apollo/errors.js';

/** What is wrong with a small form: at its fields where the server named them, above them otherwise. */
export function useFieldFaults(shown: readonly string[]) {
  const faults = ref<Record<string, string>>({});
  const problem = ref('');

  function explain(error: unknown): void {
    const named = fieldErrors(error).filter(({ path }) => shown.includes(path));
    faults.value = Object.fromEntries(named.map(({ path, message }) => [path, message]));
    problem.value = named.length ? '' : errorMessage(error);
  }

  return {
    faults,
    problem,
    explain,
    clear: () => {
      faults.value = {};
      problem.value = '';
    },
  };
}
