import { readonly, ref } from 'vue';

const now = ref(Date.now());
setInterval(() => (now.value = Date.now()), 1_000);

/** The current time in milliseconds, updated every second; one clock for the whole app. */
export function useNow() {
  return readonly(now);
}
