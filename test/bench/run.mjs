// Runs one benchmark against the built server: `npm run bench -- <name>`; without a name it lists them.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { followNpm } from '../../server/bin/follow-npm.mjs';
import { prepare, root } from '../../server/bin/prepare.mjs';
import { PlainError } from '../../server/bin/run-logged.mjs';

const suffix = '.bench.ts';
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(suffix))
  .map((file) => file.slice(0, -suffix.length));
const [name, ...args] = process.argv.slice(2);

if (name === undefined || !names.includes(name)) {
  const list = names.length > 0 ? names.join(', ') : 'none yet';
  console.log(`Usage: npm run bench -- <name>. Benchmarks: ${list}.`);
  process.exit(name === undefined ? 0 : 1);
}

try {
  await prepare((line) => console.log(line));
} catch (error) {
  console.error(error instanceof PlainError ? error.message : error);
  process.exit(1);
}
const child = spawn(
  process.execPath,
  ['--import', 'tsx', join(import.meta.dirname, `${name}${suffix}`), ...args],
  { cwd: join(root, 'test'), stdio: 'inherit' },
);
followNpm();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.once('exit', (code) => process.exit(code ?? 1));
