// Finds the GraphQL documents in the sources: what code generation and the build have in common.
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Kind, parse, visit } from 'graphql';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Where all documents are. */
export const operations = join(root, 'src/operations');

/** A call of graphql(`…`), with the text in it. */
export const CALL = /\bgraphql\(\s*`([^`]*)`\s*,?\s*\)/g;

async function sourceFiles() {
  const names = await readdir(operations);
  return names
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => join(operations, name));
}

/** The documents of one file, in the shape that the code generation expects. */
async function documentsOf(path) {
  const text = await readFile(path, 'utf8');
  return [...text.matchAll(CALL)].map((match) => ({
    location: relative(root, path),
    rawSDL: match[1],
    document: parse(match[1]),
  }));
}

/** All documents in `src/operations`. */
export async function allDocuments() {
  return (await Promise.all((await sourceFiles()).map(documentsOf))).flat();
}

/** All fragments by name. */
export async function allFragments() {
  const definitions = (await allDocuments()).flatMap(({ document }) => document.definitions);
  const fragments = definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
}

/** Names of the fragments that a definition needs, those inside of fragments included. */
export function fragmentsIn(definition, fragments, found = new Set()) {
  visit(definition, {
    FragmentSpread({ name }) {
      if (found.has(name.value)) return;
      found.add(name.value);
      fragmentsIn(fragments.get(name.value), fragments, found);
    },
  });
  return found;
}
