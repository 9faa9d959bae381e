import 'reflect-metadata';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { format, resolveConfig } from 'prettier';
import { LiveBus } from '../core/live-bus.js';
import { createSchema } from '../graphql/schema.js';
import { blankControlPlane } from './blank.js';

/** Writes the GraphQL schema of the server to `schema/schema.graphql`. Deterministic; needs no database. */
const path = fileURLToPath(new URL('../../../schema/schema.graphql', import.meta.url));
const { resolvers } = blankControlPlane();
const schema = lexicographicSortSchema(createSchema(resolvers, new LiveBus()));
const header =
  '# Made by `pnpm --filter @keywright/server emit-schema` from the classes of the server. Do not edit.\n\n';
await writeFile(
  path,
  await format(header + printSchema(schema), { ...(await resolveConfig(path)), filepath: path }),
);
