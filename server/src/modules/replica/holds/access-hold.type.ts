import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import type { AccessHold } from './access-hold-store.postgres.js';
import { PropagationType } from '../../keys/key-change.type.js';
import { DateTimeScalar } from '../../scalars/date-time.js';

export const AccessHoldReasonEnum = {
  DISABLED: 'DISABLED',
  API_DISABLED: 'API_DISABLED',
  ACCESS: 'ACCESS',
  MOVED: 'MOVED',
  CHANGED: 'CHANGED',
} as const;
registerEnumType(AccessHoldReasonEnum, {
  name: 'AccessHoldReason',
  description:
    'What the database lost: that a service account was disabled, that the API of a customer or organization was switched off, that grants or permissions were removed, that a scope was moved, or that route rules were changed.',
});

export const AccessHoldTargetEnum = {
  SERVICE_ACCOUNT: 'service_account',
  ROLE: 'role',
  SCOPE: 'scope',
  ROUTE_RULES: 'route_rules',
} as const;
registerEnumType(AccessHoldTargetEnum, {
  name: 'AccessHoldTarget',
  description: 'Something that keys derive their access from, or the list of route rules.',
});

@ObjectType('AccessHold', {
  description:
    'A service account, role, scope or route rule list that is restricted to less than the database says: the database was restored or failed over, and lost a change that a process remembers. The narrower of the two applies until someone settles the hold.',
})
export class AccessHoldType {
  @Field(() => ID, { description: 'Hold ID.' })
  id!: string;

  @Field(() => AccessHoldTargetEnum, { description: 'What is held.' })
  target!: AccessHold['target'];

  @Field(() => ID, { description: 'ID of the service account, role or scope; route_rules for route rules.' })
  targetId!: string;

  @Field(() => String, { description: 'Name of what is held.' })
  targetName!: string;

  @Field(() => [AccessHoldReasonEnum], { description: 'What the database lost.' })
  reasons!: AccessHold['reasons'];

  @Field(() => String, { description: 'Name of the machine whose process remembers it.' })
  host!: string;

  @Field(() => DateTimeScalar, { description: 'When the hold started.' })
  raisedAt!: Date;
}

@ObjectType('AccessHoldPayload', { description: 'A settled hold.' })
export class AccessHoldPayload {
  @Field(() => AccessHoldType, { description: 'The hold, which no longer has any effect.' })
  hold!: AccessHoldType;

  @Field(() => PropagationType, { description: 'How far the change has propagated.' })
  propagation!: PropagationType;
}
