import type { GraphQLSchema } from 'graphql';
import { buildSchemaSync, getMetadataStorage, type PubSub } from 'type-graphql';
import { RESOLVERS } from './resolvers.js';
import { boundRows } from './row-budget.js';

/** Gives the instance of a resolver class. */
export type ResolverOf = (resolverClass: unknown) => object;

/**
 * Builds the schema from the resolver classes. Fields without a resolver of their own are read as plain properties:
 * a page has thousands of them, and each would otherwise pass through a chain of nothing.
 */
export function createSchema(resolverOf: ResolverOf, pubSub: PubSub): GraphQLSchema {
  for (const type of getMetadataStorage().objectTypes) type.simpleResolvers ??= true;
  const schema = buildSchemaSync({
    resolvers: [...RESOLVERS] as unknown as [() => void],
    container: { get: resolverOf },
    pubSub,
    validate: false,
  });
  return boundRows(schema);
}

/** Finds resolvers by class in a list of instances. Error: a class that nobody constructed. */
export function resolversIn(instances: readonly object[]): ResolverOf {
  const byClass = new Map<unknown, object>(instances.map((instance) => [instance.constructor, instance]));
  const missing = RESOLVERS.filter((resolverClass) => !byClass.has(resolverClass));
  if (missing.length > 0) throw new Error(`Nobody constructed ${missing.map((c) => c.name).join(', ')}.`);
  return (resolverClass) => byClass.get(resolverClass)!;
}
