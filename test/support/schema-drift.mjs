// Fails if the committed files in schema/ differ from what the server emits.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../../server/bin/prepare.mjs';

const run = promisify(execFile);
const emitted = { 'emit-schema': 'schema/schema.graphql', 'emit-routes': 'schema/routes.json' };

const directory = await mkdtemp(join(tmpdir(), 'keywright-drift-'));
try {
  await Promise.all(Object.entries(emitted).map(([script, name]) => compare(script, name)));
} finally {
  await rm(directory, { recursive: true, force: true });
}

async function compare(script, name) {
  const file = join(directory, script);
  await run('npm', ['run', '--silent', script, '--', file], { cwd: join(root, 'server') });
  const [before, after] = await Promise.all([join(root, name), file].map((path) => readFile(path, 'utf8')));
  if (before !== after) report(script, name, before.split('\n'), after.split('\n'));
}

function report(script, name, before, after) {
  const at = Math.max(
    0,
    after.findIndex((line, index) => line !== before[index]),
  );
  console.error(`${name} is out of date from line ${at + 1} on. Run: npm run ${script} in server/.`);
  console.error(`- ${before[at] ?? ''}\n+ ${after[at] ?? ''}`);
  process.exitCode = 1;
}
