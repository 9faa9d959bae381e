import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import type { ActorKind } from './actor.js';

/** Kinds of actors as a GraphQL enum. */
export const ActorKindEnum = { USER: 'USER', API_KEY: 'API_KEY', SYSTEM: 'SYSTEM' } as const;
registerEnumType(ActorKindEnum, { name: 'ActorKind', description: 'Who can do something.' });

/** Who did something; the name stays when the user or key is gone. */
@ObjectType('Actor', {
  description: 'Who did something. The name is kept even when the user or key is gone.',
})
export class ActorType {
  @Field(() => ActorKindEnum, { description: 'A user, a key, or Keywright itself.' })
  kind!: ActorKind;

  @Field(() => ID, { nullable: true, description: 'Id of the user or key; null for Keywright itself.' })
  id!: string | null;

  @Field(() => String, { description: 'Name at the time.' })
  name!: string;
}
