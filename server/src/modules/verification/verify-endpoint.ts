import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ID_PREFIXES, newId } from '../../core/id.js';
import { PROBLEM_CONTENT_TYPE, problemOfVerdict, type Problem } from '../../core/problem.js';
import type { AccessSet } from '../access/access-set.js';
import { readHotHeaders, type HotHeaders } from './hot-headers.js';
import { readJsonBody } from './json-body.js';
import type { Proof } from './proof.js';
import { verdictHeaders } from './refusal.js';
import type { VerificationService } from './verification-service.js';
import { answerText } from './verify-answer.js';
import { readBatchBody, readVerifyBody, type VerifyQuestion } from './verify-input.js';

/** Wide enough that an absurdly long key is refused as a key, not as a body. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;
const SINGLE = '/v1/verify';
const BATCH = '/v1/verify/batch';

/** The paths that are answered here, by POST only. */
export const HOT_PATHS: readonly string[] = [SINGLE, BATCH];

/** What a {@link VerifyEndpoint} works with. */
export interface VerifyEndpointParts {
  readonly service: VerificationService;
  /** The address behind a request. */
  readonly peer: (request: IncomingMessage) => string | null;
  /** Headers of every answer that is not a verdict. */
  readonly headers: Readonly<Record<string, string>>;
  /** The problem for anything thrown. */
  readonly problemFor: (error: unknown, requestId: string) => Problem;
  /** Whether the server stops: connections then end with the answer. */
  readonly stopping: () => boolean;
}

/** What the caller of these routes must hold somewhere; it is told of keys that lie there. */
const NEEDED = ['keywright.verify'] as const;

/** A credential that was proven on a connection. */
interface ProvenCredential {
  readonly header: 'x-api-key' | 'authorization';
  readonly value: string;
  readonly proof: Proof;
}

/** Answers one question; `id` is that of the log row, and the one in the answer unless the caller brought a name of its own. */
export function answerQuestion(
  service: VerificationService,
  { request, facts, requestId }: VerifyQuestion,
  id: string = newId(ID_PREFIXES.request),
): string {
  const verdict = service.check(request, {
    requestId: id,
    method: facts.method,
    path: facts.path,
    userAgent: facts.userAgent,
  });
  return answerText(verdict, request, requestId ?? id);
}

/** The one credential of a request; undefined for none and for several. */
function soleCredential(credentials: HotHeaders['credentials']): Omit<ProvenCredential, 'proof'> | undefined {
  const { 'x-api-key': keys, authorization } = credentials;
  if (keys?.length === 1 && !authorization) return { header: 'x-api-key', value: keys[0]! };
  if (authorization?.length === 1 && !keys) return { header: 'authorization', value: authorization[0]! };
  return undefined;
}

/**
 * `POST /v1/verify` and `/v1/verify/batch`: may these requests pass? The caller shows a key of its own with keywright.verify.
 * A bare handler in front of the web framework, since speed is what it is for: an answer waits for nothing but the journal.
 */
export class VerifyEndpoint {
  /** What each connection showed last: most show the same on every request. */
  private readonly proven = new WeakMap<Socket, ProvenCredential>();

  constructor(private readonly parts: VerifyEndpointParts) {}

  /** Takes the request when it is one of these; false leaves it to others. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const url = request.url!;
    if (!url.startsWith(SINGLE) || request.method !== 'POST') return false;
    const query = url.indexOf('?');
    const path = query === -1 ? url : url.slice(0, query);
    if (path !== SINGLE && path !== BATCH) return false;
    this.take(request, response, path === BATCH);
    return true;
  }

  private take(request: IncomingMessage, response: ServerResponse, batch: boolean): void {
    const requestId = newId(ID_PREFIXES.request);
    const settled = this.parts.service.settled();
    if (settled) {
      void settled.then(() => this.begin(request, response, batch, requestId));
    } else this.begin(request, response, batch, requestId);
  }

  private begin(request: IncomingMessage, response: ServerResponse, batch: boolean, requestId: string): void {
    try {
      const headers = readHotHeaders(request.rawHeaders);
      const asker = this.authenticate(request, headers, response, requestId);
      if (!asker) return;
      readJsonBody(request, headers.contentType, MAX_BODY_BYTES, (error, body) => {
        if (error !== undefined) return this.refuse(response, error, requestId);
        try {
          const text = batch ? this.answerBatch(body, asker) : this.answerSingle(body, asker, requestId);
          this.send(response, text, requestId);
        } catch (thrown) {
          this.refuse(response, thrown, requestId);
        }
      });
    } catch (error) {
      this.refuse(response, error, requestId);
    }
  }

  private answerSingle(body: unknown, asker: AccessSet, requestId: string): string {
    return answerQuestion(this.parts.service, readVerifyBody(body, asker), requestId);
  }

  private answerBatch(body: unknown, asker: AccessSet): string {
    const { service } = this.parts;
    const texts = readBatchBody(body, asker).map((question) => answerQuestion(service, question));
    return `{"results":[${texts.join(',')}]}`;
  }

  /** Before the body is read: whoever may not ask learns nothing about its faults. */
  private authenticate(
    request: IncomingMessage,
    headers: HotHeaders,
    response: ServerResponse,
    requestId: string,
  ): AccessSet | undefined {
    const call = {
      requestId,
      method: request.method!,
      path: request.url!,
      userAgent: headers.userAgent,
      ip: this.parts.peer(request),
    };
    const shown = soleCredential(headers.credentials);
    const before = this.proven.get(request.socket);
    const same = before && shown?.header === before.header && shown.value === before.value;
    // A key in the URL beside it would make the credential ambiguous.
    const known = same && !request.url!.includes('?') ? before.proof : null;
    const { service } = this.parts;
    const caller = service.authenticateCaller(headers.credentials, call, NEEDED, known);
    if ('principal' in caller) {
      if (shown && caller.proof && caller.proof !== known) {
        this.proven.set(request.socket, { ...shown, proof: caller.proof });
      }
      return caller.principal.access;
    }
    const { verdict } = caller;
    this.sendProblem(response, problemOfVerdict(verdict, requestId), verdictHeaders(verdict));
    return undefined;
  }

  private send(response: ServerResponse, text: string, requestId: string): void {
    this.parts.service.whenSafe(() => {
      if (this.parts.stopping()) response.shouldKeepAlive = false;
      response.writeHead(200, [
        'content-type',
        'application/json; charset=utf-8',
        'content-length',
        String(Buffer.byteLength(text)),
        'cache-control',
        'no-store',
        'x-content-type-options',
        'nosniff',
        'x-request-id',
        requestId,
      ]);
      response.end(text);
    });
  }

  private refuse(response: ServerResponse, error: unknown, requestId: string): void {
    const problem = this.parts.problemFor(error, requestId);
    const headers: Record<string, string> = { 'cache-control': 'no-store' };
    if (problem.retryAfter !== undefined) headers['retry-after'] = String(problem.retryAfter);
    this.sendProblem(response, problem, headers);
  }

  private sendProblem(
    response: ServerResponse,
    problem: Problem,
    headers: Readonly<Record<string, string>>,
  ): void {
    const body = JSON.stringify(problem);
    this.parts.service.whenSafe(() => {
      if (response.headersSent || response.destroyed) return;
      if (this.parts.stopping()) response.shouldKeepAlive = false;
      response.writeHead(problem.status, {
        ...this.parts.headers,
        ...headers,
        'content-type': PROBLEM_CONTENT_TYPE,
        'content-length': Buffer.byteLength(body),
        'x-request-id': problem.requestId,
      });
      response.end(body);
    });
  }
}
