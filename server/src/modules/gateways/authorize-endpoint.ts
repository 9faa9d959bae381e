import { MAX_HEADERS, MAX_URL_LENGTH } from '@keywright/schema/question-limits';
import { problemOfVerdict } from '@keywright/schema/verdict-http';
import type { Clock } from '../../core/clock.js';
import { attempt, whenKnown, type Eventual } from '../../core/eventual.js';
import { ID_PREFIXES, newId } from '../../core/id.js';
import { AppError } from '../../core/errors.js';
import type { Problem } from '../../core/problem.js';
import type { RouteMatch, RouteTable } from '../route-rules/route-table.js';
import type { CallerGate } from '../verification/caller-gate.js';
import { readPassedOnCredential } from '../verification/credential.js';
import type { HotProblems } from '../verification/hot-problems.js';
import type { HotExchange, HotRoute } from '../verification/hot-request.js';
import { headersOf, verdictHeaders } from '../verification/refusal.js';
import type { Verdict, VerificationRequest } from '../verification/verdict.js';
import type { VerificationService } from '../verification/verification-service.js';
import { acceptedHead, anybodyHead, type AcceptedStatus } from './authorize-answer.js';
import { isAuthorizeUrl, type AuthorizeTarget, type GatewayFault, type Need } from './authorize-target.js';
import { GatewayProof, type GatewayAnswer } from './gateway-proof.js';
import {
  readOriginalRequest,
  type OriginalPlace,
  type OriginalRequest,
  type SentHeaders,
} from './original-request.js';
import { QuestionReader } from './question-reader.js';

export interface AuthorizeEndpointDeps {
  readonly gate: Pick<CallerGate, 'admit' | 'settled'>;
  readonly service: Pick<VerificationService, 'decide' | 'whenSafe'>;
  readonly problems: HotProblems;
  /** The requirements of requests for which the gateway itself names none. */
  readonly rules: { readonly table: RouteTable };
  /** Warns the operator about a problem with a gateway. */
  readonly warn: (message: string) => void;
  readonly clock: Clock;
}

/** A question of a gateway, on its way through the stages of {@link AuthorizeEndpoint}. */
interface Question {
  readonly exchange: HotExchange;
  readonly requestId: string;
  /** The headers of the gateway's request; null until they are read. */
  headers: SentHeaders | null;
  /** What it asks; null until it is read. */
  request: VerificationRequest | null;
  match: RouteMatch | null;
  status: AcceptedStatus;
}

const KEEPS_QUERY =
  "The gateway appends the client's query to its own request, where it is ignored. End the URL with a question mark (Caddy: uri /v1/authorize/production?).";
const WARN_EVERY_MS = 60_000;
/** Maximum warnings in {@link WARN_EVERY_MS}. */
const MAX_WARNINGS = 100;
/** Maximum header size that gateways accept. */
const MAX_PROBLEM_LENGTH = 2000;

const escapeCharacter = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** The problem as a header, for gateways that drop the body of the response: JSON in ASCII. */
const problemHeader = (problem: Problem): Record<string, string> => {
  const text = JSON.stringify(problem).replace(/[^\x20-\x7e]/g, escapeCharacter);
  return text.length > MAX_PROBLEM_LENGTH ? {} : { 'x-keywright-problem': text };
};

/**
 * `/v1/authorize`: a gateway asks whether a request is allowed (forward-auth). 204 (200 for Envoy) with the caller in
 * headers, or 401, 403 and 429 as problem+json, repeated in the header X-Keywright-Problem. Rejects anything
 * unreadable with 403. The stages follow each other: admit, decide, reply.
 */
export class AuthorizeEndpoint implements HotRoute {
  private readonly gateways: GatewayProof;
  private readonly questions = new QuestionReader();
  private readonly warnedAtMs = new Map<string, number>();

  constructor(private readonly deps: AuthorizeEndpointDeps) {
    this.gateways = new GatewayProof(deps.gate);
  }

  owns(_method: string, url: string): boolean {
    return isAuthorizeUrl(url);
  }

  take(exchange: HotExchange): void {
    void attempt(this.admit, this.refuse, {
      exchange,
      requestId: newId(ID_PREFIXES.request),
      headers: null,
      request: null,
      match: null,
      status: 204,
    });
  }

  private readonly admit = (question: Question): Eventual<void> => {
    const { head } = question.exchange;
    if (head.rawHeaders.length > 2 * MAX_HEADERS) {
      throw new AppError('REQUEST_UNCLEAR', `The request has more than ${MAX_HEADERS} headers.`);
    }
    if (head.url.length > MAX_URL_LENGTH) {
      throw new AppError('REQUEST_UNCLEAR', `The URL is longer than ${MAX_URL_LENGTH} characters.`);
    }
    question.headers = headersOf(head.rawHeaders);
    const gateway = this.gateways.check(question.headers, head.peer, question.requestId);
    return whenKnown(gateway, this.decide, question);
  };

  private readonly decide = (gateway: GatewayAnswer, question: Question): Eventual<void> => {
    const { exchange, headers: sent, requestId } = question;
    const { head } = exchange;
    const { caller } = requireValid(gateway);
    const target = requireValid(this.questions.targetOf(head.url));
    const original = readOriginalRequest(sent!, head.peer, placeOf(target, head.method));
    if ('unclear' in original) throw new AppError('REQUEST_UNCLEAR', original.unclear);
    const need = requireValid(this.questions.needOf(target, original.path.query));
    if (need.keepsQuery) this.warn(KEEPS_QUERY);
    const { environment } = target;
    const match = this.matchOf(environment, need, original);
    const status = target.gateway === 'envoy' ? 200 : 204;
    if (match?.access === 'ANYBODY') return exchange.reply(anybodyHead(status), requestId, '');
    const request = requestOf(environment, need, original, match, caller);
    question.request = request;
    question.match = match;
    question.status = status;
    const { method, target: path, headers } = original;
    const userAgent = headers['user-agent']?.[0] ?? null;
    const verdict = this.deps.service.decide(request, { requestId, method, path, userAgent });
    return whenKnown(verdict, this.reply, question);
  };

  private readonly reply = (
    verdict: Verdict,
    { exchange, request, match, requestId, status }: Question,
  ): void => {
    if (verdict.code === 'VALID') {
      const head = acceptedHead(verdict, request!, status);
      return this.deps.service.whenSafe(() => exchange.reply(head, requestId, ''));
    }
    const closed = request!.closed === true && verdict.code === 'PERMISSION_DENIED';
    const message = closed ? sentenceOf(match!) : verdict.message;
    const problem = problemOfVerdict({ ...verdict, message }, requestId);
    this.deps.problems.send(exchange, problem, { ...verdictHeaders(verdict), ...problemHeader(problem) });
  };

  private readonly refuse = (error: unknown, { exchange, requestId }: Question): void => {
    if (error instanceof AppError && error.code === 'GATEWAY_NOT_TRUSTED') this.warn(error.message);
    this.deps.problems.refuse(exchange, error, requestId, problemHeader);
  };

  /** The result of the route rules; null if the gateway itself names the requirements. */
  private matchOf(
    environment: AuthorizeTarget['environment'],
    { permissions }: Need,
    { method, path }: OriginalRequest,
  ): RouteMatch | null {
    if (permissions !== null) return null;
    return this.deps.rules.table.match(environment, method, path);
  }

  /** At most once a minute per problem, since every request has it. */
  private warn(fault: string): void {
    const nowMs = this.deps.clock.now();
    if (nowMs - (this.warnedAtMs.get(fault) ?? -Infinity) < WARN_EVERY_MS) return;
    // Problems contain addresses, of which a hostile peer has many.
    for (const [old, atMs] of this.warnedAtMs) if (nowMs - atMs >= WARN_EVERY_MS) this.warnedAtMs.delete(old);
    if (this.warnedAtMs.size >= MAX_WARNINGS) return;
    this.warnedAtMs.set(fault, nowMs);
    this.deps.warn(`A request to /v1/authorize is malformed. ${fault}`);
  }
}

/** What was read from the gateway's request. Error: GATEWAY_NOT_TRUSTED if it is invalid. */
function requireValid<T extends object>(read: T | GatewayFault): T {
  if ('fault' in read) throw new AppError('GATEWAY_NOT_TRUSTED', read.fault);
  return read;
}

function placeOf({ gateway, original }: AuthorizeTarget, method: string): OriginalPlace {
  if (original !== null) return { method, target: original };
  return gateway === 'ingress-nginx' ? 'URL_HEADER' : 'HEADERS';
}

function requestOf(
  environment: AuthorizeTarget['environment'],
  { permissions, scopeId, cost }: Need,
  { method, target, headers, ip, scheme, authority }: OriginalRequest,
  match: RouteMatch | null,
  caller: VerificationRequest['caller'],
): VerificationRequest {
  const byRule = match?.access === 'PERMISSION' ? [match.permission] : [];
  return {
    credential: readPassedOnCredential({ method, url: target, headers, scheme, authority }),
    environment,
    permissions: permissions ?? byRule,
    scopeId: match && 'scopeId' in match ? match.scopeId : scopeId,
    closed: match?.access === 'NOBODY',
    ip,
    caller,
    cost,
  };
}

function sentenceOf(match: RouteMatch): string {
  return match.access === 'NOBODY' && match.ruleId === null
    ? 'No route rule matches this request, so it is rejected. Add a rule for it.'
    : 'A route rule rejects all requests here.';
}
