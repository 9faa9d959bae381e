import { ref } from 'vue';
import { errorMessage, fieldErrors } from '../apollo/errors.js';

/** What is wrong with a small form: beside its fields where the server named them, above them otherwise. */
export function useFieldFaults(shown: readonly string[]) {
  const faults = ref<Record<string, string>>({});

  return {
    faults,
    /** Takes the place of all faults; false when there are any, as a dialog's `send` answers. */
    check: (found: Record<string, string | null>): boolean => {
      const real = Object.entries(found).filter((entry): entry is [string, string] => entry[1] !== null);
      faults.value = Object.fromEntries(real);
      return real.length === 0;
    },
    /** Places what the server refused; the sentence for above the form, or nothing. */
    explain: (error: unknown): string => {
      const named = fieldErrors(error).filter(({ path }) => shown.includes(path));
      faults.value = Object.fromEntries(named.map(({ path, message }) => [path, message]));
      return named.length ? '' : errorMessage(error);
    },
  };
}
