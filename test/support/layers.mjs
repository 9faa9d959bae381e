// Allowed imports between folders, lowest layer first: a layer can import itself and the layers before it. The lint rules in
// .oxlintrc.json are generated from this: `node test/support/lint-layers.mjs --write`.

const modules = (...names) => names.map((name) => `modules/${name}`);

/** By package: folders and files below its `src`. */
export const LAYERS = {
  schema: [['*.ts'], ['client'], ['local'], ['middleware']],
  server: [
    ['core'],
    modules('scalars', 'scopes', 'limits', 'signatures', 'jobs'),
    modules('access', 'audit', 'users'),
    modules('license', 'roles', 'service-accounts', 'sessions', 'tenants', 'notifications', 'webhooks'),
    modules('keys', 'route-rules', 'usage', 'request-logs'),
    modules('verification'),
    modules('gateways', 'local-verifiers', 'sandbox', 'metrics'),
    ['graphql', 'http', 'database'],
    ['cli', 'workers'],
    ['app'],
    ['tools', 'main.ts', 'cli.ts'],
  ],
  web: [
    ['lib'],
    ['apollo', 'operations'],
    ['stores'],
    ['composables'],
    ['components'],
    ['pages'],
    ['App.vue', 'router.ts', 'main.ts'],
  ],
};
