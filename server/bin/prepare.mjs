import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fingerprint, stamped, stampMatches } from './fingerprint.mjs';
import { withLock } from './lock.mjs';
import { PlainError, runLogged } from './run-logged.mjs';

const PNPM = 'pnpm@12.21.0';

/** The directory of the checkout. */
export const root = resolve(import.meta.dirname, '../..');

const cache = join(root, 'node_modules/.cache');
const installStamp = join(root, 'node_modules/.keywright-install');
const manifests = [
  'package.json',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'schema/package.json',
  'server/package.json',
  'web/package.json',
  'test/package.json',
];

// The source directories of each package, and a file that exists once it is built.
const packages = {
  schema: { sources: ['schema'], output: 'schema/dist/verification/verdicts.js' },
  server: { sources: ['schema', 'server'], output: 'server/dist/main.js' },
  web: { sources: ['schema', 'web'], output: 'web/dist/index.html' },
};

/** Installs dependencies if needed and builds what has changed; calls `say` with a line before each. */
export async function prepare(say) {
  if (process.env.KEYWRIGHT_GIT_HOOKS === 'on') useGitHooks();
  if (isInstalled() && unbuilt().length === 0) return;
  mkdirSync(cache, { recursive: true });
  const waiting = () => say('Another process is installing or building this checkout; waiting for it…');
  await withLock(join(cache, 'keywright-prepare.lock'), waiting, async () => {
    if (!isInstalled()) await install(say);
    const names = unbuilt();
    if (names.length > 0) await build(names, say);
  });
}

// Opt-in, because a checkout may have its own hooks.
function useGitHooks() {
  try {
    execFileSync('git', ['config', 'core.hooksPath', '.githooks'], { cwd: root, stdio: 'ignore' });
  } catch {
    throw new PlainError(
      'The Git hooks could not be enabled: this is not a Git checkout, or Git is missing.',
    );
  }
}

function isInstalled() {
  return stampMatches(installStamp, installValue());
}

function installValue() {
  return `${process.platform}-${process.arch} ${fingerprint(root, manifests)}`;
}

async function install(say) {
  say('Installing dependencies (once, about a minute)…');
  await stamped(installStamp, installValue(), () =>
    runLogged('npx', ['--yes', PNPM, 'install', '--frozen-lockfile'], {
      cwd: root,
      logFile: join(cache, 'keywright-install.log'),
      what: 'Installing the dependencies',
    }),
  );
}

function unbuilt() {
  return Object.keys(packages).filter(
    (name) =>
      !stampMatches(buildStamp(name), buildValue(name)) || !existsSync(join(root, packages[name].output)),
  );
}

function buildStamp(name) {
  return join(cache, `keywright-${name}.built`);
}

function buildValue(name) {
  return fingerprint(root, ['tsconfig.base.json', 'pnpm-lock.yaml', ...packages[name].sources]);
}

async function build(names, say) {
  say('Building…');
  if (names.includes('schema')) await buildPackage('schema');
  const rest = names.filter((name) => name !== 'schema').map(buildPackage);
  // Wait for both, so that neither is still writing when a failure is reported.
  const failed = (await Promise.allSettled(rest)).find(({ status }) => status === 'rejected');
  if (failed) throw failed.reason;
}

async function buildPackage(name) {
  await stamped(buildStamp(name), buildValue(name), () => {
    rmSync(join(root, name, 'dist'), { recursive: true, force: true });
    return runLogged('npm', ['run', 'build', '--silent'], {
      cwd: join(root, name),
      logFile: join(cache, `keywright-build-${name}.log`),
      what: `Building ${name}`,
    });
  });
}
