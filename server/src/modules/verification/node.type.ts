import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { BigIntScalar } from '../scalars/big-int.js';
import { DateTimeScalar } from '../scalars/date-time.js';
import type { RedisFault } from '../../core/redis-faults.js';
import type { NodeRedis } from './node-registry.js';

export const NodeRoleEnum = { ALL: 'all', MANAGE: 'manage', VERIFY: 'verify' } as const;
registerEnumType(NodeRoleEnum, {
  name: 'NodeRole',
  description: 'What a process of this installation does: it manages, verifies, or both.',
});

export const NodeRedisEnum = { NONE: 'none', REACHED: 'reached', AWAY: 'away' } as const;
registerEnumType(NodeRedisEnum, {
  name: 'NodeRedis',
  description:
    'Whether a process counts limits, and remembers what was used once, together with others in Redis: it has none, it reaches it, or it is away and the process goes on alone.',
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
      description: 'It is part of a cluster, which spreads the keys of one step over several servers.',
    },
    SENTINEL: { description: 'It is a Sentinel, which watches over Redis and stores nothing.' },
    REPLICA: { description: 'It is a replica, which takes no writes.' },
    EVICTING: { description: 'It drops counts and nonces when it is full, by its maxmemory-policy.' },
  },
});

@ObjectType('VerificationNode', {
  description: 'A process of this installation that was seen within the last ten seconds.',
})
export class VerificationNodeType {
  @Field(() => ID, { description: 'Names the process; it keeps its name across restarts.' })
  id!: string;

  @Field(() => NodeRoleEnum, { description: 'What it does.' })
  role!: 'all' | 'manage' | 'verify';

  @Field(() => String, { description: 'Name of the machine it runs on.' })
  host!: string;

  @Field(() => String, { description: 'Version of Keywright that it runs.' })
  version!: string;

  @Field(() => DateTimeScalar, { description: 'When it started.' })
  startedAt!: Date;

  @Field(() => DateTimeScalar, { description: 'When it last told how it stands; every two seconds.' })
  seenAt!: Date;

  @Field(() => Int, { description: 'Keys in its index, revoked ones included.' })
  keys!: number;

  @Field(() => BigIntScalar, { description: 'Usage that waits to be written to the database, in bytes.' })
  backlogBytes!: number;

  @Field(() => BigIntScalar, {
    description:
      'Verifications whose count was lost since it started: neither journal nor database took them, or a restored database no longer has them.',
  })
  lostCount!: number;

  @Field(() => Boolean, {
    description: 'Whether more counts may be lost than lostCount says, as some of them were never counted.',
  })
  lostCountIsMinimum!: boolean;

  @Field(() => NodeRedisEnum, { description: 'Whether it shares limits and nonces with others.' })
  redis!: NodeRedis;

  @Field(() => Int, {
    description:
      'Times since it started that it found the database replaced, restored or failed over, and loaded every key anew.',
  })
  databaseChanges!: number;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it found that last.' })
  databaseChangedAt!: Date | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether notifications of PostgreSQL reach it. Without them, as behind PgBouncer in transaction mode, it polls ten times a second, and live usage stands still. Null until it knows.',
  })
  hearsNotifications!: boolean | null;

  @Field(() => [RedisFaultEnum], { description: 'What is wrong with its Redis; empty when nothing is.' })
  redisFaults!: readonly RedisFault[];
}
