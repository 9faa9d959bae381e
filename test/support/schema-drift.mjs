// Fails if the committed files in schema/ differ from what the server emits; leaves them unchanged.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../server/bin/prepare.mjs';

const emitted = { 'emit-schema': 'schema/schema.graphql', 'emit-routes': 'schema/routes.json' };

for (const [script, name] of Object.entries(emitted)) {
  const file = join(root, name);
  const committed = readFileSync(file, 'utf8');
  const made = emit(script, file, committed);
  if (made !== committed) report(script, name, committed.split('\n'), made.split('\n'));
}

function emit(script, file, committed) {
  try {
    const { status } = spawnSync('npm', ['run', '--silent', script], {
      cwd: join(root, 'server'),
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    if (status !== 0) process.exit(1);
    return readFileSync(file, 'utf8');
  } finally {
    writeFileSync(file, committed);
  }
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
