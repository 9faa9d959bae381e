import { readonly, ref } from 'vue';

const now = ref(Date.now());
setInterval(() => (now.value = Date.now()), 1_000);

/** The current time in milliseconds, moving on every second; one clock for the whole page. */
export function useNow() {
  return readonly(now);
}
