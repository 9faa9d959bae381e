import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Hashes names and contents of files and directories, so that any change to one of them is noticed. */
export function fingerprint(root, paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    for (const file of filesUnder(join(root, path))) {
      hash
        .update(`${relative(root, file)}\0`)
        .update(readFileSync(file))
        .update('\0');
    }
  }
  return hash.digest('hex');
}

/** Says whether the stamp file holds this value; an absent stamp never does. */
export function stampMatches(file, value) {
  try {
    return readFileSync(file, 'utf8') === value;
  } catch {
    return false;
  }
}

/** Runs work between removing a stamp and writing it, so that interrupted work is repeated next time. */
export async function stamped(file, value, work) {
  rmSync(file, { force: true });
  await work();
  writeFileSync(file, value);
}

function filesUnder(path) {
  let entries;
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (error.code === 'ENOTDIR') return [path];
    if (error.code === 'ENOENT') return [];
    throw error;
  }
  return entries
    .filter((entry) => !ignored(entry.name))
    .map((entry) => entry.name)
    .sort()
    .flatMap((name) => filesUnder(join(path, name)));
}

const IGNORED = new Set(['node_modules', 'dist', 'gql', 'coverage']);

// Products of an earlier build are no source, and tests are not part of what is built.
function ignored(name) {
  return IGNORED.has(name) || name.endsWith('.test.ts');
}
