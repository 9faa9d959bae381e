import { getNullableType, type GraphQLSchema } from 'graphql';
import { buildSchemaSync, getMetadataStorage, type PubSub } from 'type-graphql';
import { boundRows } from './row-budget.js';

/**
 * Builds the schema from instances of all resolver classes. Fields without a resolver are read as plain properties: a page
 * has thousands of them, and each would otherwise run through an empty middleware chain.
 */
export function createSchema(resolvers: readonly object[], pubSub: PubSub): GraphQLSchema {
  for (const type of getMetadataStorage().objectTypes) type.simpleResolvers ??= true;
  const byClass = new Map<unknown, object>(resolvers.map((resolver) => [resolver.constructor, resolver]));
  const schema = buildSchemaSync({
    resolvers: [...byClass.keys()] as unknown as [() => void],
    container: { get: (resolverClass) => byClass.get(resolverClass)! },
    pubSub,
    validate: false,
    // Apollo Server checks the finished schema.
    skipCheck: true,
  });
  return boundRows(nullableMutations(schema));
}

/** Makes mutations nullable, so that a failed one does not discard the results, and the secrets, of the others in its document. */
function nullableMutations(schema: GraphQLSchema): GraphQLSchema {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    field.type = getNullableType(field.type);
  }
  return schema;
}
