// Generates src/gql (typed documents) from the committed schema and the graphql(`…`) calls in the sources.
// Usage: node scripts/codegen.mjs [schema file]
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codegen } from '@graphql-codegen/core';
import { preset } from '@graphql-codegen/client-preset';
import { buildASTSchema, parse } from 'graphql';
import { allDocuments, root } from './documents.mjs';

const schemaPath = process.argv[2] ?? join(root, '../schema/schema.graphql');
const output = join(root, 'src/gql/');

const schema = parse(await readFile(schemaPath, 'utf8'));
const documents = await allDocuments();
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
