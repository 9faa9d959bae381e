import { createApp } from 'vue';
import { createPinia } from 'pinia';
import icons from '@nuxt/ui/runtime/vue/plugins/icons.js';
import App from './App.vue';
import { clientEvents } from './apollo/client.js';
import { safeNext } from './lib/safe-next.js';
import { router } from './router.js';
import { useSession } from './stores/session.js';
import './style.css';

const app = createApp(App).use(createPinia()).use(icons).use(router);

clientEvents.onUnauthenticated = () => {
  const session = useSession();
  const route = router.currentRoute.value;
  if (!session.viewer || route.meta.public) return;
  void session
    .forget()
    .then(() => router.push({ name: 'sign-in', query: { next: safeNext(route.fullPath) } }));
};

app.mount('#app');
