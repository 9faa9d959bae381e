import { readonly, ref } from 'vue';

const offline = ref(false);
const reconnects = ref(0);
let dropped = false;

/**
 * What is known about the way to the server: `offline` turns the banner on, `reconnects` counts how often the
 * WebSocket came back after a loss (live views read everything again then, as ticks may have been missed).
 */
export const connection = {
  offline: readonly(offline),
  reconnects: readonly(reconnects),
  lost: () => {
    offline.value = true;
  },
  restored: () => {
    offline.value = false;
  },
  socketOpened: () => {
    if (dropped) reconnects.value += 1;
    dropped = false;
  },
  socketClosed: () => {
    dropped = true;
  },
};
