import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readIgnored } from './ignored.mjs';

/**
 * Hashes names and contents of files and directories, so that any change to one of them is noticed. What .gitignore names is
 * left out: products of an earlier build are no source.
 */
export function fingerprint(root, paths) {
  const ignored = readIgnored(join(root, '.gitignore'));
  const hash = createHash('sha256');
  for (const path of paths) {
    for (const file of filesUnder(root, path, ignored)) {
      hash
        .update(`${file}\0`)
        .update(readFileSync(join(root, file)))
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

function filesUnder(root, path, ignored) {
  let entries;
  try {
    entries = readdirSync(join(root, path), { withFileTypes: true });
  } catch (error) {
    if (error.code === 'ENOTDIR') return [path];
    if (error.code === 'ENOENT') return [];
    throw error;
  }
  return entries
    .map((entry) => ({ path: `${path}/${entry.name}`, isDirectory: entry.isDirectory() }))
    .filter((entry) => !isTest(entry.path) && !ignored(entry.path, entry.isDirectory))
    .map((entry) => entry.path)
    .sort()
    .flatMap((each) => filesUnder(root, each, ignored));
}

// Tests are not part of what is built.
const isTest = (path) => path.endsWith('.test.ts');
