import type { ManagementPermission } from './access.js';

/** A page in the navigation. */
export interface NavLink {
  to: string;
  label: string;
  icon: string;
}

/** A group of pages under one heading. */
export interface NavGroup {
  label: string;
  icon: string;
  links: NavLink[];
}

/** The user's access, as far as the navigation needs it. */
export interface NavRights {
  /** Whether a permission is held anywhere. */
  may: (permission: ManagementPermission) => boolean;
  /** Whether a permission is held at the root. */
  mayAtRoot: (permission: ManagementPermission) => boolean;
}

/** The pages that the user can open, in order. */
export function navigation({ may, mayAtRoot }: NavRights): (NavLink | NavGroup)[] {
  const readsKeys = may('keywright.keys.read');
  const links: [boolean, NavLink][] = [
    [readsKeys, { to: '/keys', label: 'API keys', icon: 'i-lucide-key-round' }],
    [true, { to: '/customers', label: 'Customers', icon: 'i-lucide-building-2' }],
    [readsKeys, { to: '/service-accounts', label: 'Service accounts', icon: 'i-lucide-bot' }],
  ];
  const access: [boolean, NavLink][] = [
    [may('keywright.users.manage'), { to: '/users', label: 'Users', icon: 'i-lucide-users' }],
    [true, { to: '/roles', label: 'Roles', icon: 'i-lucide-user-cog' }],
    [true, { to: '/permissions', label: 'Permissions', icon: 'i-lucide-list-checks' }],
    [
      mayAtRoot('keywright.access.manage'),
      { to: '/route-rules', label: 'Route rules', icon: 'i-lucide-route' },
    ],
    [mayAtRoot('keywright.keys.read'), { to: '/license', label: 'License', icon: 'i-lucide-gauge' }],
    [mayAtRoot('keywright.metrics.read'), { to: '/processes', label: 'Processes', icon: 'i-lucide-server' }],
  ];
  const allowed = (entries: [boolean, NavLink][]) =>
    entries.filter(([shown]) => shown).map(([, link]) => link);
  return [
    ...allowed(links),
    { label: 'Access', icon: 'i-lucide-shield-check', links: allowed(access) },
    { to: '/docs', label: 'Documentation', icon: 'i-lucide-book-open' },
  ];
}

/** Whether a page or one of its subpages is open. */
export const isWithin = (path: string, to: string): boolean =>
  path === to || path.startsWith(`${to}/`) || (to === '/customers' && path.startsWith('/scopes/'));

/** The first page that the user can open. */
export function homeOf(entries: readonly (NavLink | NavGroup)[]): string {
  const first = entries[0];
  if (!first) return '/docs';
  return 'to' in first ? first.to : (first.links[0]?.to ?? '/docs');
}
