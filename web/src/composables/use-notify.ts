import { useToast } from '@nuxt/ui/composables';
import { errorMessage } from '../apollo/errors.js';

/** Short messages at the edge of the screen, also read out by screen readers. */
export function useNotify() {
  const toast = useToast();
  return {
    done: (title: string, description?: string) =>
      toast.add({ title, description, color: 'success', icon: 'i-lucide-circle-check' }),
    failed: (title: string, error: unknown) =>
      toast.add({ title, description: errorMessage(error), color: 'error', icon: 'i-lucide-circle-alert' }),
  };
}
