import { getNullableType, type GraphQLSchema } from 'graphql';
import { buildSchemaSync, getMetadataStorage, type PubSub } from 'type-graphql';
import { boundRows } from './row-budget.js';

/**
 * Builds the schema from instances of all resolver classes. Fields without a resolver of their own are read as plain
 * properties: a page has thousands of them, and each would otherwise pass through a chain of nothing.
 */
export function createSchema(resolvers: readonly object[], pubSub: PubSub): GraphQLSchema {
  for (const type of getMetadataStorage().objectTypes) type.simpleResolvers ??= true;
  const byClass = new Map<unknown, object>(resolvers.map((resolver) => [resolver.constructor, resolver]));
  const schema = buildSchemaSync({
    resolvers: [...byClass.keys()] as unknown as [() => void],
    container: { get: (resolverClass) => byClass.get(resolverClass)! },
    pubSub,
    validate: false,
  });
  return boundRows(nullableMutations(schema));
}

/** A mutation that fails is null by itself: the others of its document keep their answers, and the secrets in them. */
function nullableMutations(schema: GraphQLSchema): GraphQLSchema {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    field.type = getNullableType(field.type);
  }
  return schema;
}
