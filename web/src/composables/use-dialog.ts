import { ref } from 'vue';
import { useKeyDialogs } from './use-key-dialogs.js';

/** Lets a dialog play its closing movement before it is taken away; `bind` goes to the modal. */
export function useDialog() {
  const dialogs = useKeyDialogs();
  const open = ref(true);
  return {
    dialogs,
    open,
    close: () => {
      open.value = false;
    },
    /** For the modal's `after:leave`. */
    left: () => dialogs.close(),
  };
}
