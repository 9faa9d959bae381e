// Fails when the committed contract is not what the server's classes emit; leaves the committed file as it was.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../server/bin/prepare.mjs';

const file = join(root, 'schema/schema.graphql');
const committed = readFileSync(file, 'utf8');
let emitted;
try {
  const { status } = spawnSync('npm', ['run', '--silent', 'emit-schema'], {
    cwd: join(root, 'server'),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) process.exit(1);
  emitted = readFileSync(file, 'utf8');
} finally {
  writeFileSync(file, committed);
}

if (emitted !== committed) {
  const before = committed.split('\n');
  const at = emitted.split('\n').findIndex((line, index) => line !== before[index]);
  console.error(
    `schema/schema.graphql is out of date from line ${at + 1} on. Run: npm run emit-schema in server/.`,
  );
  console.error(`- ${before[at] ?? ''}\n+ ${emitted.split('\n')[at] ?? ''}`);
  process.exitCode = 1;
}
