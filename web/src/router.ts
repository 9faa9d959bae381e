import {
  createRouter,
  createWebHistory,
  type RouteLocationNormalized,
  type RouteLocationRaw,
} from 'vue-router';
import { isNetworkError } from './apollo/errors.js';
import { BASE_PATH } from './lib/base-path.js';
import { homeOf } from './lib/navigation.js';
import { safeNext } from './lib/safe-next.js';
import KeysPage from './pages/keys/List.vue';
import { useSession } from './stores/session.js';

declare module 'vue-router' {
  interface RouteMeta {
    /** The page is for visitors who are not signed in. */
    public?: boolean;
    /** The page is also for signed-in users: a one-time link may be for someone else. */
    anyone?: boolean;
    /** The window title. */
    title: string;
  }
}

/** All pages; each page except the keys page is loaded when first opened. */
export const router = createRouter({
  history: createWebHistory(BASE_PATH),
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
      path: '/users',
      name: 'users',
      component: () => import('./pages/users/List.vue'),
      meta: { title: 'Users' },
    },
    {
      path: '/users/:id',
      name: 'user',
      component: () => import('./pages/users/Detail.vue'),
      props: true,
      meta: { title: 'User' },
    },
    {
      path: '/roles',
      name: 'roles',
      component: () => import('./pages/roles/List.vue'),
      meta: { title: 'Roles' },
    },
    {
      path: '/roles/:id',
      name: 'role',
      component: () => import('./pages/roles/Detail.vue'),
      props: true,
      meta: { title: 'Role' },
    },
    {
      path: '/permissions',
      name: 'permissions',
      component: () => import('./pages/permissions/List.vue'),
      meta: { title: 'Permissions' },
    },
    {
      path: '/route-rules',
      name: 'route-rules',
      component: () => import('./pages/route-rules/List.vue'),
      meta: { title: 'Route rules' },
    },
    {
      path: '/license',
      name: 'license',
      component: () => import('./pages/license/License.vue'),
      meta: { title: 'License' },
    },
    {
      path: '/processes',
      name: 'processes',
      component: () => import('./pages/processes/List.vue'),
      meta: { title: 'Processes' },
    },
    {
      path: '/account',
      name: 'account',
      component: () => import('./pages/account/Account.vue'),
      meta: { title: 'My account' },
    },
    {
      path: '/service-accounts',
      name: 'service-accounts',
      component: () => import('./pages/service-accounts/List.vue'),
      meta: { title: 'Service accounts' },
    },
    {
      path: '/service-accounts/:id',
      name: 'service-account',
      component: () => import('./pages/service-accounts/Detail.vue'),
      props: true,
      meta: { title: 'Service account' },
    },
    {
      path: '/customers',
      name: 'customers',
      component: () => import('./pages/scopes/Customers.vue'),
      meta: { title: 'Customers' },
    },
    {
      path: '/scopes/:id',
      name: 'scope',
      component: () => import('./pages/scopes/Detail.vue'),
      props: true,
      meta: { title: 'Scope' },
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
      path: '/choose-password',
      name: 'choose-password',
      component: () => import('./pages/session/ChoosePassword.vue'),
      meta: { title: 'Choose a password', public: true, anyone: true },
    },
    {
      // Users who signed in to accept an invitation return here.
      path: '/invitation',
      name: 'invitation',
      component: () => import('./pages/session/ChoosePassword.vue'),
      meta: { title: 'Invitation', public: true, anyone: true },
    },
    {
      path: '/forgot-password',
      name: 'forgot-password',
      component: () => import('./pages/session/ForgotPassword.vue'),
      meta: { title: 'Forgot your password?', public: true },
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
    // The page itself reports that the server is unreachable and retries.
    if (isNetworkError(error)) return true;
    throw error;
  }
  return whereTo(to, session);
});

/** The navigation guard: true to proceed, or the page to redirect to. */
function whereTo(
  to: RouteLocationNormalized,
  session: ReturnType<typeof useSession>,
): true | RouteLocationRaw {
  const next = to.fullPath === '/keys' ? {} : { next: to.fullPath };
  if (to.meta.anyone) return true;
  if (!session.viewer) return to.meta.public ? true : { name: 'sign-in', query: next };
  if (to.meta.public) return safeNext(to.query['next']);
  if (session.viewer.twoFactorSetupRequired) {
    return to.name === 'account' ? true : { name: 'account', query: next };
  }
  // The keys page is the home page; users who cannot read keys start elsewhere.
  return to.name === 'keys' && !session.may('keywright.keys.read') ? homeOf(session.navigation) : true;
}

router.afterEach((to) => {
  document.title = `${to.meta.title} · Keywright`;
});
