import { join } from 'node:path';
import { root } from '../../server/bin/prepare.mjs';
import { runCheck, runVitest } from './run-step.mjs';

const node = process.execPath;
const bin = (owner, name) => join(root, owner, 'node_modules/.bin', name);
const npm = (script) => ['npm', 'run', '--silent', script];
const vitest = (owner, ...args) => [bin(owner, 'vitest'), 'run', ...args];

/** Every step of `npm test`, in order. `needsBuild` marks steps that test the build. */
export const steps = [
  { name: 'format', run: runCheck, command: [bin('.', 'prettier'), '--check', '--log-level=warn', '.'] },
  { name: 'lint', run: runCheck, command: [bin('.', 'oxlint')] },
  { name: 'lint of layers', run: runCheck, command: [node, 'test/support/lint-layers.mjs'] },
  { name: 'types of schema', run: runCheck, cwd: 'schema', command: [bin('schema', 'tsc'), '--noEmit'] },
  { name: 'types of server', run: runCheck, cwd: 'server', command: npm('typecheck') },
  { name: 'types of web', run: runCheck, cwd: 'web', command: npm('typecheck') },
  { name: 'types of test', run: runCheck, cwd: 'test', command: [bin('test', 'tsc')] },
  { name: 'unused', run: runCheck, command: [bin('.', 'knip')] },
  {
    name: 'package',
    run: runCheck,
    cwd: 'schema',
    command: [bin('schema', 'publint'), 'run', '--strict', '--pack', 'npm'],
    needsBuild: true,
  },
  { name: 'schema drift', run: runCheck, command: [node, 'test/support/schema-drift.mjs'] },
  { name: 'schema unit', run: runVitest, cwd: 'schema', command: vitest('schema') },
  { name: 'server unit', run: runVitest, cwd: 'server', command: vitest('server') },
  { name: 'web unit', run: runVitest, cwd: 'web', command: vitest('web') },
  {
    name: 'api',
    run: runVitest,
    cwd: 'test',
    command: vitest('test', '--config', 'vitest.api.config.ts'),
    needsBuild: true,
  },
  {
    name: 'faults',
    run: runVitest,
    cwd: 'test',
    command: vitest('test', '--config', 'vitest.faults.config.ts'),
    needsBuild: true,
  },
  {
    name: 'browser',
    run: runVitest,
    cwd: 'test',
    command: vitest('test', '--config', 'vitest.browser.config.ts'),
    needsBuild: true,
  },
];
