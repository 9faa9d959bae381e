import { ref } from 'vue';
import { errorMessage, fieldErrors } from '../apollo/errors.js';

/** Errors of a small form: at the fields that the server named, otherwise above the form. */
export function useFieldFaults(shown: readonly string[]) {
  const faults = ref<Record<string, string>>({});

  return {
    faults,
    /** Replaces all errors; returns false if there are any, as a dialog's `send` does. */
    check: (found: Record<string, string | null>): boolean => {
      const real = Object.entries(found).filter((entry): entry is [string, string] => entry[1] !== null);
      faults.value = Object.fromEntries(real);
      return real.length === 0;
    },
    /** Assigns the server's errors to fields; returns the message for above the form, or an empty string. */
    explain: (error: unknown): string => {
      const named = fieldErrors(error).filter(({ path }) => shown.includes(path));
      faults.value = Object.fromEntries(named.map(({ path, message }) => [path, message]));
      return named.length ? '' : errorMessage(error);
    },
  };
}
