import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import type { NodeLoader } from '../modules/access/decide/module.js';
import { requirePrincipal, type RequestContext } from '../modules/access/decide/principal.js';
import { NodeType } from '../modules/graphql-types/node.type.js';

/** Finds objects by public id; the prefix of the id selects the loader. */
@Resolver()
export class NodeResolver {
  constructor(private readonly loaders: Readonly<Record<string, NodeLoader>>) {}

  @Query(() => NodeType, {
    nullable: true,
    description:
      'Any object by its public id; null if there is none. Needs the permission to read that type of object.',
  })
  async node(@Ctx() context: RequestContext, @Arg('id', () => ID) id: string): Promise<unknown> {
    requirePrincipal(context);
    const prefix = id.slice(0, id.indexOf('_'));
    const load = Object.hasOwn(this.loaders, prefix) ? this.loaders[prefix] : undefined;
    return load ? load(context, id) : null;
  }
}
