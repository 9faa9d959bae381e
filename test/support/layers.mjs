// Allowed imports between folders, lowest layer first: a layer can import itself and the layers before it. The lint rules in
// .oxlintrc.json are generated from this: `node test/support/lint-layers.mjs --write`.

const modules = (...names) => names.map((name) => `modules/${name}`);

/** By package: folders and files below its `src`. */
export const LAYERS = {
  schema: [['*.ts'], ['verification'], ['client'], ['local'], ['middleware']],
  server: [
    ['core'],
    ['config'],
    modules('scalars', 'graphql-types', 'scopes/tree', 'limits', 'signatures', 'jobs'),
    modules('access/decide', 'events'),
    modules('audit', 'users'),
    modules(
      'license',
      'access/roles',
      'service-accounts',
      'sign-in',
      'scopes/management',
      'notifications',
      'webhooks',
    ),
    modules('keys', 'route-rules', 'usage', 'request-logs'),
    modules('replica', 'nodes'),
    modules('verification'),
    modules('gateways', 'local-verifiers', 'sandbox', 'metrics'),
    ['graphql', 'http', 'database'],
    ['cli', 'workers'],
    ['app'],
    ['tools', 'main.ts', 'cli.ts'],
  ],
  web: [
    ['gql', 'lib'],
    ['apollo', 'operations'],
    ['stores'],
    ['composables'],
    ['components'],
    ['pages'],
    ['App.vue', 'router.ts', 'main.ts'],
  ],
};

/** Layers whose plain files cannot import typeorm: they pass a `Transaction` on. */
export const PLAIN = /^(core|config|graphql|http|modules\/.*)$/;

/** Names of the files in plain layers that can import typeorm. */
export const TYPEORM_FILES = '{*.postgres,*.table,*.module,*.test,module}.ts';
