import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const PLACES = ['README.md', '.github', 'server/docs', 'schema/README.md', 'test/README.md'];
const FENCE = /^( *)```(\w*)\n(.*?)^\1```$/gms;
const HEADING = /^#+ (.+)$/gm;

/** A block of code in a document. */
export interface Snippet {
  /** For example `README.md > Your first key > sh 1`: document, nearest heading, language and number. */
  readonly name: string;
  readonly code: string;
}

/** Paths of all documents, relative to the root of the checkout. */
export function documents(): string[] {
  return PLACES.flatMap((place) => {
    if (statSync(join(root, place)).isFile()) return [place];
    return readdirSync(join(root, place), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.md'))
      .map((file) => join(place, file));
  }).map((file) => relative(root, join(root, file)));
}

/** The text of a document. */
export const readDocument = (path: string): string => readFileSync(join(root, path), 'utf8');

/** The code blocks of a document; blocks marked as plain text are drawings. */
export function snippetsOf(path: string): Snippet[] {
  const text = readDocument(path);
  const headings = [...text.matchAll(HEADING)];
  const counts = new Map<string, number>();
  return [...text.matchAll(FENCE)].flatMap(({ index, 1: indent = '', 2: language, 3: body = '' }) => {
    if (language === 'text') return [];
    const heading = headings.findLast((one) => one.index < index)?.[1] ?? '';
    const kind = `${path} > ${heading} > ${language || 'none'}`;
    const number = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, number);
    return { name: `${kind} ${number}`, code: body.replaceAll(new RegExp(`^${indent}`, 'gm'), '') };
  });
}

/** The code of one snippet, for tests that use it unchanged. */
export function snippet(name: string): string {
  const [path = ''] = name.split(' > ');
  const found = snippetsOf(path).find((one) => one.name === name);
  if (!found) throw new Error(`There is no snippet ${name}.`);
  return found.code;
}
