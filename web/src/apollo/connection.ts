import { readonly, ref } from 'vue';

const offline = ref(false);
const reconnects = ref(0);
let dropped = false;

/**
 * State of the connection to the server: `offline` shows the banner, `reconnects` counts reconnections of the
 * WebSocket (live views then refetch everything, as ticks may have been missed).
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
