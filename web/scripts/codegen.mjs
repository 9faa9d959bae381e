// Generates src/gql (typed documents) from the committed schema and the graphql(`…`) calls in the sources.
// Usage: node scripts/codegen.mjs [schema file]
import { readFile, readdir, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codegen } from '@graphql-codegen/core';
import { preset } from '@graphql-codegen/client-preset';
import { buildASTSchema, parse } from 'graphql';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const schemaPath = process.argv[2] ?? join(root, '../schema/schema.graphql');
const output = join(root, 'src/gql/');

async function sourceFiles(folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  const nested = await Promise.all(
    entries.map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return path === output.slice(0, -1) ? [] : sourceFiles(path);
      return entry.name === 'operations.ts' ? [path] : [];
    }),
  );
  return nested.flat().sort();
}

/** The documents of one file, in the shape that the preset expects. */
async function documentsOf(path) {
  const text = await readFile(path, 'utf8');
  return [...text.matchAll(/\bgraphql\(\s*`([^`]*)`/g)].map((match) => ({
    location: relative(root, path),
    rawSDL: match[1],
    document: parse(match[1]),
  }));
}

const schema = parse(await readFile(schemaPath, 'utf8'));
const documents = (await Promise.all((await sourceFiles(join(root, 'src'))).map(documentsOf))).flat();
const sections = await preset.buildGeneratesSection({
  baseOutputDir: output,
  schema,
  schemaAst: buildASTSchema(schema),
  documents,
  documentTransforms: [],
  plugins: [],
  pluginMap: {},
  presetConfig: { fragmentMasking: false },
  config: {
    useTypeImports: true,
    enumsAsTypes: true,
    skipTypename: true,
    strictScalars: true,
    importExtension: '.js',
    scalars: { DateTime: 'string', Date: 'string', BigInt: 'number', JSON: 'unknown' },
  },
});

await mkdir(output, { recursive: true });
for (const section of sections) {
  await writeFile(section.filename, await codegen({ ...section, skipDocumentsValidation: undefined }));
}
