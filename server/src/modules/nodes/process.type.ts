import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { BigIntScalar } from '../scalars/big-int.js';
import { DateTimeScalar } from '../scalars/date-time.js';
import type { RedisFault } from '../../core/redis-faults.js';
import type { ProcessRedis } from './process-registry.js';

export const ProcessRoleEnum = { ALL: 'all', MANAGE: 'manage', VERIFY: 'verify' } as const;
registerEnumType(ProcessRoleEnum, {
  name: 'NodeRole',
  description: 'What a process of this installation does: manage, verify, or both.',
});

export const ProcessRedisEnum = { NONE: 'none', REACHED: 'reached', AWAY: 'away' } as const;
registerEnumType(ProcessRedisEnum, {
  name: 'NodeRedis',
  description:
    'Whether a process shares limits and single-use nonces with others in Redis: it has no Redis, it reaches it, or Redis is unreachable and the process continues alone.',
});

export const RedisFaultEnum = {
  CLUSTER: 'CLUSTER',
  SENTINEL: 'SENTINEL',
  REPLICA: 'REPLICA',
  EVICTING: 'EVICTING',
} as const satisfies Record<RedisFault, RedisFault>;
registerEnumType(RedisFaultEnum, {
  name: 'RedisFault',
  description: 'Why a Redis cannot hold counts and nonces, or can lose them.',
  valuesConfig: {
    CLUSTER: {
      description: 'It is part of a cluster, which spreads the Redis keys of one step over several servers.',
    },
    SENTINEL: { description: 'It is a Sentinel, which watches over Redis and stores nothing.' },
    REPLICA: { description: 'It is a replica, which accepts no writes.' },
    EVICTING: {
      description: 'It evicts counts and nonces when it is full, because of its maxmemory-policy.',
    },
  },
});

@ObjectType('VerificationNode', {
  description: 'A process of this installation that was seen within the last ten seconds.',
})
export class VerificationProcessType {
  @Field(() => ID, { description: 'Identifies the process; stable across restarts.' })
  id!: string;

  @Field(() => ProcessRoleEnum, { description: 'Its role.' })
  role!: 'all' | 'manage' | 'verify';

  @Field(() => String, { description: 'Name of the machine it runs on.' })
  host!: string;

  @Field(() => String, { description: 'Its Keywright version.' })
  version!: string;

  @Field(() => DateTimeScalar, { description: 'When it started.' })
  startedAt!: Date;

  @Field(() => DateTimeScalar, { description: 'When it last reported its status; every two seconds.' })
  seenAt!: Date;

  @Field(() => Int, { description: 'Keys in its index, including revoked ones.' })
  keys!: number;

  @Field(() => BigIntScalar, { description: 'Usage waiting to be written to the database, in bytes.' })
  backlogBytes!: number;

  @Field(() => BigIntScalar, {
    description:
      'Verifications whose count was lost since it started: neither the journal nor the database recorded them, or a restored database no longer has them.',
  })
  lostCount!: number;

  @Field(() => Boolean, {
    description:
      'Whether more counts may be lost than lostCount says, since some losses could not be counted.',
  })
  lostCountIsMinimum!: boolean;

  @Field(() => ProcessRedisEnum, { description: 'Whether it shares limits and nonces with others.' })
  redis!: ProcessRedis;

  @Field(() => Int, {
    description:
      'How often since its start it found the database replaced, restored or failed over, and reloaded every key.',
  })
  databaseChanges!: number;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When it last found the database replaced, restored or failed over.',
  })
  databaseChangedAt!: Date | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether PostgreSQL notifications reach it. Without them, as behind PgBouncer in transaction mode, it polls ten times a second, and live usage does not update. Null if not known yet.',
  })
  hearsNotifications!: boolean | null;

  @Field(() => [RedisFaultEnum], { description: 'What is wrong with its Redis; empty if nothing is.' })
  redisFaults!: readonly RedisFault[];
}
