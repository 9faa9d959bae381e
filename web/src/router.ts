import { createRouter, createWebHistory } from 'vue-router';
import { isNetworkError } from './apollo/errors.js';
import { safeNext } from './lib/safe-next.js';
import KeysPage from './pages/keys/List.vue';
import { useSession } from './stores/session.js';

declare module 'vue-router' {
  interface RouteMeta {
    /** The page is for people who are not signed in. */
    public?: boolean;
    /** What the window is called. */
    title: string;
  }
}

/** All pages; everything but the keys page is loaded when it is first opened. */
export const router = createRouter({
  history: createWebHistory(),
  scrollBehavior: (to, from, saved) => {
    if (saved) return saved;
    if (to.name === 'docs' && to.hash) return { el: to.hash, top: 80 };
    return to.path === from.path ? false : { top: 0 };
  },
  routes: [
    { path: '/', redirect: '/keys' },
    { path: '/keys', name: 'keys', component: KeysPage, meta: { title: 'API keys' } },
    {
      path: '/keys/:id',
      name: 'key',
      component: () => import('./pages/keys/Detail.vue'),
      props: true,
      meta: { title: 'API key' },
    },
    {
      path: '/docs',
      name: 'docs',
      component: () => import('./pages/docs/Docs.vue'),
      meta: { title: 'API documentation' },
    },
    {
      path: '/sign-in',
      name: 'sign-in',
      component: () => import('./pages/session/SignIn.vue'),
      meta: { title: 'Sign in', public: true },
    },
    {
      path: '/setup',
      name: 'setup',
      component: () => import('./pages/session/SetUp.vue'),
      meta: { title: 'Set up Keywright', public: true },
    },
    {
      path: '/:path(.*)*',
      name: 'not-found',
      component: () => import('./pages/NotFound.vue'),
      meta: { title: 'Page not found' },
    },
  ],
});

router.beforeEach(async (to) => {
  const session = useSession();
  try {
    if (!session.loaded) await session.load();
  } catch (error) {
    // The page itself shows that the server is away, and tries again.
    if (isNetworkError(error)) return true;
    throw error;
  }
  if (to.meta.public) return session.viewer ? safeNext(to.query['next']) : true;
  return session.viewer
    ? true
    : { name: 'sign-in', query: to.fullPath === '/keys' ? {} : { next: to.fullPath } };
});

router.afterEach((to) => {
  document.title = `${to.meta.title} · Keywright`;
});
