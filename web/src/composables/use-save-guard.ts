import { onBeforeUnmount, onMounted, ref } from 'vue';
import { useRouter } from 'vue-router';

/** Keeps a dialog that shows something once open until the user confirms that it is saved, or insists on closing. */
export function useSaveGuard(armed: () => boolean = () => true) {
  const router = useRouter();
  const open = ref(true);
  const saved = ref(false);
  const leaving = ref(false);
  const atRisk = () => open.value && armed() && !saved.value;

  function warn(event: BeforeUnloadEvent): void {
    if (atRisk()) event.preventDefault();
  }
  onMounted(() => window.addEventListener('beforeunload', warn));
  const stopGuard = router.beforeEach(() => {
    if (!atRisk()) return true;
    leaving.value = true;
    return false;
  });
  onBeforeUnmount(() => {
    window.removeEventListener('beforeunload', warn);
    stopGuard();
  });

  return {
    open,
    saved,
    leaving,
    /** For the modal's `update:open`. */
    requestClose: (next: boolean): void => {
      if (next) return;
      if (atRisk()) leaving.value = true;
      else open.value = false;
    },
    close: (): void => {
      open.value = false;
    },
  };
}
