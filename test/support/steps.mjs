import { join } from 'node:path';
import { root } from '../../server/bin/prepare.mjs';
import { runCheck, runVitest } from './run-step.mjs';

/** Parts of the API tests that can run at the same time; each has a PostgreSQL. */
const API_PARTS = 3;

const node = process.execPath;
const bin = (owner, name) => join(root, owner, 'node_modules/.bin', name);
const cache = (name) => join(root, 'node_modules/.cache', name);

/**
 * Steps in order, with one worker each; fault tests have a few, as they mostly wait. `alone` marks steps that measure time,
 * `needsBuild` those that use the build.
 */
export const steps = [
  // First, because it takes longest.
  { ...tests('browser', '--maxWorkers=1'), name: 'browser', needsBuild: true },
  check('format', [bin('.', 'oxfmt'), '--check']),
  check('lint', [bin('.', 'oxlint')]),
  check('lint of layers', [node, 'test/support/lint-layers.mjs']),
  types('schema', 'tsc'),
  types('server', 'tsc'),
  // Of the generated documents too, which the build writes.
  { ...types('web', 'vue-tsc'), needsBuild: true },
  types('test', 'tsc'),
  check('unused', [bin('.', 'knip')]),
  {
    ...check('package', [bin('schema', 'publint'), 'run', '--strict', '--pack', 'npm']),
    cwd: 'schema',
    needsBuild: true,
  },
  check('schema drift', [node, 'test/support/schema-drift.mjs']),
  unit('schema'),
  unit('server'),
  unit('web'),
  ...Array.from({ length: API_PARTS }, (_, part) => ({
    ...tests('api', '--maxWorkers=1', `--shard=${part + 1}/${API_PARTS}`),
    name: `api ${part + 1}/${API_PARTS}`,
    needsBuild: true,
  })),
  {
    ...tests('faults', '--project=beside'),
    name: 'faults beside',
    needsBuild: true,
  },
  {
    ...tests('faults', '--project=waiting', '--project=alone'),
    name: 'faults alone',
    needsBuild: true,
    alone: true,
  },
];

function check(name, command) {
  return { name, run: runCheck, command };
}

function types(owner, compiler) {
  const incremental = ['--incremental', '--tsBuildInfoFile', cache(`keywright-${owner}.tsbuildinfo`)];
  const command = [bin(owner, compiler), '--noEmit', '-p', 'tsconfig.json', ...incremental];
  return { ...check(`types of ${owner}`, command), cwd: owner };
}

function unit(owner) {
  return { name: `${owner} unit`, run: runVitest, cwd: owner, command: [bin(owner, 'vitest'), 'run'] };
}

function tests(which, ...args) {
  const command = [bin('test', 'vitest'), 'run', '--config', `vitest.${which}.config.ts`, ...args];
  return { run: runVitest, cwd: 'test', command };
}
