import type { VerdictCode } from '@keywright/schema/verdicts';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { EnvironmentEnum } from '../graphql-types/environment.type.js';
import type { Environment } from '@keywright/schema/environment';
import { DateTimeScalar } from '../scalars/date-time.js';
import { NodeType, PageInfoType } from '../graphql-types/node.type.js';
import type { RequestLogFilter } from './request-log.js';
import { VerdictCodeEnum } from './verdict-code.type.js';

@ObjectType('RequestLog', {
  implements: NodeType,
  description:
    'One verification. Paths and user agents are truncated and stripped of credentials. Needs keywright.logs.read.',
})
export class RequestLogType extends NodeType {
  @Field(() => DateTimeScalar, { description: 'When the request was verified.' })
  at!: Date;

  @Field(() => EnvironmentEnum, { description: 'The environment of the request.' })
  environment!: Environment;

  @Field(() => String, {
    nullable: true,
    description: 'Prefix and last four characters of the credential; null if malformed.',
  })
  maskedSecret!: string | null;

  @Field(() => VerdictCodeEnum, { description: 'The verdict.' })
  code!: VerdictCode;

  @Field(() => Int, { description: 'HTTP status of the verdict.' })
  status!: number;

  @Field(() => String, { nullable: true, description: 'Method of the request.' })
  method!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Path and query of the request, up to 2,000 characters.',
  })
  path!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Requested permission; several are separated by spaces.',
  })
  permission!: string | null;

  @Field(() => String, { nullable: true, description: 'Requested scope.' })
  scopeId!: string | null;

  @Field(() => String, { nullable: true, description: 'Address of the client.' })
  ip!: string | null;

  @Field(() => String, { nullable: true, description: 'User agent of the client, up to 500 characters.' })
  userAgent!: string | null;

  @Field(() => Int, { nullable: true, description: 'Duration of the verification in microseconds.' })
  latencyMicroseconds!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Status that the protected API returned, if reported.',
  })
  responseStatus!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Duration of the protected API call in milliseconds, if reported.',
  })
  responseMilliseconds!: number | null;

  @Field(() => Int, { nullable: true, description: 'Size of the request in bytes, if reported.' })
  requestBytes!: number | null;

  @Field(() => Int, { nullable: true, description: 'Size of the response in bytes, if reported.' })
  responseBytes!: number | null;

  @Field(() => ID, { nullable: true, description: 'Key ID of the proven key; null if none was proven.' })
  apiKeyId!: string | null;
}

@ObjectType('RequestLogEdge', { description: 'A request log with its cursor.' })
export class RequestLogEdge {
  @Field(() => String, { description: 'Cursor of this row.' })
  cursor!: string;

  @Field(() => RequestLogType, { description: 'The row.' })
  node!: RequestLogType;
}

@ObjectType('RequestLogConnection', {
  description:
    'A page of request logs, newest first. A filter with few matches can end a page early: keep following pageInfo while hasNextPage is true.',
})
export class RequestLogConnection {
  @Field(() => [RequestLogEdge], { description: 'Rows with their cursors.' })
  edges!: RequestLogEdge[];

  @Field(() => [RequestLogType], { description: 'The rows without cursors.' })
  nodes!: RequestLogType[];

  @Field(() => PageInfoType, { description: 'Position of the page in the list.' })
  pageInfo!: PageInfoType;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description:
      'How far back the search got if it stopped after about two seconds, before its page was full; continue from pageInfo.endCursor, even if the page is empty. Null if the page is full or nothing older is left.',
  })
  searchedTo!: Date | null;

  /** The requested time range. */
  at?: RequestLogFilter['at'];
}
