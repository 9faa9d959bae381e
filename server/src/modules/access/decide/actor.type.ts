import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import type { ActorKind } from './actor.js';

/** Kinds of actors as a GraphQL enum. */
export const ActorKindEnum = { USER: 'USER', API_KEY: 'API_KEY', SYSTEM: 'SYSTEM' } as const;
registerEnumType(ActorKindEnum, { name: 'ActorKind', description: 'Kinds of actors.' });

/** Who made a change; the name remains after the user or key is deleted. */
@ObjectType('Actor', {
  description: 'Who made a change. The name remains after the user or key is deleted.',
})
export class ActorType {
  @Field(() => ActorKindEnum, { description: 'A user, an API key, or Keywright itself.' })
  kind!: ActorKind;

  @Field(() => ID, { nullable: true, description: 'ID of the user or key; null for Keywright itself.' })
  id!: string | null;

  @Field(() => String, { description: 'Name at the time of the change.' })
  name!: string;
}
