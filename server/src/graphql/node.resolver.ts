import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import type { NodeLoader } from '../modules/access/module.js';
import { requirePrincipal, type RequestContext } from '../modules/access/principal.js';
import { NodeType } from '../modules/scalars/node.type.js';

/** Finds anything by its public id; the prefix tells which loader is asked. */
@Resolver()
export class NodeResolver {
  constructor(private readonly loaders: Readonly<Record<string, NodeLoader>>) {}

  @Query(() => NodeType, {
    nullable: true,
    description: 'Anything with a public id; null when there is nothing. Needs the permission of what it is.',
  })
  async node(@Ctx() context: RequestContext, @Arg('id', () => ID) id: string): Promise<unknown> {
    requirePrincipal(context);
    const prefix = id.slice(0, id.indexOf('_'));
    const load = Object.hasOwn(this.loaders, prefix) ? this.loaders[prefix] : undefined;
    return load ? load(context, id) : null;
  }
}
