import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readIgnored } from './ignored.mjs';

/**
 * Hashes the names and contents of files and directories to detect any change. Skips what .gitignore ignores, because build
 * output is not source.
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

/** Whether the stamp file contains this value; false if it is missing. */
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

// Tests are not part of the build.
const isTest = (path) => path.endsWith('.test.ts');
