import { isEnvironment, type Environment } from '@keywright/schema/environment';
import { normalizeAddress } from '@keywright/schema/ip-ranges';
import {
  isCost,
  isQuestionText,
  MAX_BATCH_QUESTIONS,
  MAX_COST_UNITS,
  MAX_HEADERS,
  MAX_METHOD_LENGTH,
  MAX_NAME_LENGTH,
  MAX_PERMISSIONS,
  MAX_URL_LENGTH,
} from '@keywright/schema/question-limits';
import { ID_PREFIXES, newId } from '../../core/id.js';
import { badInput, type FieldError } from '../../core/errors.js';
import { contentWith, type ReceivedContent } from '../signatures/received-content.js';
import type { SignedRequest } from '../signatures/signed-request.js';
import type { AccessSet } from '../access/decide/access-set.js';
import { readNamedCredential, readRequestCredential } from './credential.js';
import type { RequestFacts } from './verification-log.js';
import type { VerificationRequest } from './verdict.js';

const MAX_FAULTS = 100;

/** One question, as read from a body. */
export interface VerifyQuestion {
  readonly request: VerificationRequest;
  /** The request as it is logged, with the id of its row. */
  readonly facts: RequestFacts & { readonly requestId: string };
  /** The caller's own id for the request, echoed in the answer. */
  readonly requestId: string | undefined;
}

type DescribedRequest = SignedRequest & { readonly headers: Headers; readonly ip: string | null };

type Members = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const ABSOLUTE = /^(https?|wss?):\/\/([^/?#\s]+)(\/[^#]*)?$/i;

/** A URL from the caller: usually path and query; a full URL also gives scheme and host. */
function readTarget(url: string | null): Pick<SignedRequest, 'url' | 'scheme' | 'authority'> {
  if (url === null || url.startsWith('/')) return { url };
  const [whole, scheme, authority, target = '/'] = ABSOLUTE.exec(url) ?? [];
  // A WebSocket starts as an HTTP GET.
  return whole === undefined ? { url } : { url: target, scheme: scheme!.replace(/^ws/i, 'http'), authority };
}

/**
 * Reads one question. Hand-written, since it runs for every verification: a valid body costs one check per member,
 * and otherwise every error is named.
 */
class QuestionReader {
  readonly faults: FieldError[] = [];
  private path = '';

  constructor(private readonly caller: AccessSet) {}

  read(body: unknown, path: string, id: string): VerifyQuestion | undefined {
    this.path = path;
    const before = this.faults.length;
    if (!isObject(body)) {
      this.fault(path === '' ? 'body' : '', 'must be an object');
      return undefined;
    }
    let key: string | undefined;
    let environment: Environment = 'PRODUCTION';
    let permissions: readonly string[] = [];
    let scopeId: string | null = null;
    let cost = 1;
    let requestId: string | undefined;
    let described: Members | undefined;
    for (const member in body) {
      const value = body[member];
      switch (member) {
        case 'key':
          if (typeof value === 'string') key = value;
          else this.fault('key', 'must be a string');
          break;
        case 'request':
          if (isObject(value)) described = value;
          else this.fault('request', 'must be an object');
          break;
        case 'environment':
          if (isEnvironment(value)) environment = value;
          else this.fault('environment', 'must be PRODUCTION, STAGING or DEVELOPMENT');
          break;
        case 'permission':
          permissions = this.permissions(value);
          break;
        case 'scope':
          scopeId = this.text('scope', value, MAX_NAME_LENGTH);
          break;
        case 'cost':
          if (isCost(value)) cost = value;
          else this.fault('cost', `must be a whole number from 1 to ${MAX_COST_UNITS}`);
          break;
        case 'requestId':
          requestId = this.text('requestId', value, MAX_NAME_LENGTH) ?? undefined;
          break;
        default:
          this.unknown(member);
      }
    }
    const { method, url, headers, ip, content, scheme, authority } = this.described(described);
    if (this.faults.length > before) return undefined;
    const { caller } = this;
    const credential =
      key === undefined
        ? readRequestCredential({ method, url, headers, content, scheme, authority })
        : readNamedCredential(key, headers, url ?? undefined);
    return {
      request: { credential, environment, permissions, scopeId, ip, caller, cost },
      facts: { requestId: id, method, path: url, userAgent: headers['user-agent']?.[0] ?? null },
      requestId,
    };
  }

  private described(members: Members | undefined): DescribedRequest {
    let method: string | null = null;
    let url: string | null = null;
    let headers = NO_HEADERS;
    let ip: string | null = null;
    let content: ReceivedContent | null = null;
    for (const member in members) {
      const value = members[member];
      switch (member) {
        case 'method':
          method = this.text('request.method', value, MAX_METHOD_LENGTH);
          break;
        case 'url':
          url = this.text('request.url', value, MAX_URL_LENGTH);
          break;
        case 'headers':
          headers = this.headers(value);
          break;
        case 'contentDigest':
          content = typeof value === 'string' ? contentWith(value) : null;
          if (!content)
            this.fault('request.contentDigest', 'must contain a sha-256 or sha-512 digest (RFC 9530)');
          break;
        case 'ip':
          ip = typeof value === 'string' ? (normalizeAddress(value) ?? null) : null;
          if (ip === null) this.fault('request.ip', 'must be an IP address');
          break;
        default:
          this.unknown(`request.${member}`);
      }
    }
    return { method, ...readTarget(url), headers, ip, content };
  }

  /** Reads each header once, into lists by lowercase name. */
  private headers(value: unknown): Headers {
    if (!isObject(value)) {
      this.fault('request.headers', 'must be an object');
      return NO_HEADERS;
    }
    const headers = Object.create(null) as Record<string, string[]>;
    let count = 0;
    for (const name in value) {
      const sent = value[name];
      const values = Array.isArray(sent) ? (sent as readonly unknown[]) : [sent];
      count += Math.max(values.length, 1);
      if (count > MAX_HEADERS) {
        this.fault('request.headers', `must contain at most ${MAX_HEADERS} headers, including repeated ones`);
        return NO_HEADERS;
      }
      if (!values.every((each) => typeof each === 'string')) {
        this.fault(
          `request.headers.${name.slice(0, MAX_NAME_LENGTH)}`,
          'must be a string or a list of strings',
        );
        continue;
      }
      const known = (headers[name.toLowerCase()] ??= []);
      for (const each of values) known.push(each);
    }
    return headers;
  }

  private permissions(value: unknown): readonly string[] {
    if (!Array.isArray(value)) {
      const name = this.text('permission', value, MAX_NAME_LENGTH);
      return name === null ? [] : [name];
    }
    if (value.length === 0 || value.length > MAX_PERMISSIONS) {
      this.fault('permission', `must contain 1 to ${MAX_PERMISSIONS} names`);
      return [];
    }
    return value.map((name, i) => this.text(`permission.${i}`, name, MAX_NAME_LENGTH) ?? '');
  }

  private text(member: string, value: unknown, maxLength: number): string | null {
    if (isQuestionText(value, maxLength)) return value;
    this.fault(
      member,
      `must be a string of 1 to ${maxLength} characters, without NUL or unpaired surrogates`,
    );
    return null;
  }

  private unknown(member: string): void {
    const name = member.slice(0, MAX_NAME_LENGTH);
    this.faults.push({ path: this.at(name), message: 'Unknown field.' });
  }

  private fault(member: string, message: string): void {
    this.faults.push({ path: this.at(member), message: `This ${message}.` });
  }

  private at(member: string): string {
    if (this.path === '') return member;
    return member === '' ? this.path : `${this.path}.${member}`;
  }
}

type Headers = Readonly<Record<string, readonly string[]>>;

const NO_HEADERS: Headers = {};

/**
 * Reads the body of a verification; `caller` is what its caller holds, and `id` that of its log row. Error:
 * BAD_USER_INPUT naming every error.
 */
export function readVerifyBody(
  body: unknown,
  caller: AccessSet,
  id: string = newId(ID_PREFIXES.request),
): VerifyQuestion {
  const reader = new QuestionReader(caller);
  const question = reader.read(body, '', id);
  if (!question) throw badInput(reader.faults.slice(0, MAX_FAULTS));
  return question;
}

/** Reads the body of a batch, `{ "requests": [ … ] }`. Error: BAD_USER_INPUT naming every error of every request. */
export function readBatchBody(body: unknown, caller: AccessSet): VerifyQuestion[] {
  if (!isObject(body)) throw badInput([{ path: 'body', message: 'This must be an object.' }]);
  const { requests, ...others } = body;
  const faults = Object.keys(others).map((member) => ({
    path: member.slice(0, MAX_NAME_LENGTH),
    message: 'Unknown field.',
  }));
  if (!Array.isArray(requests) || requests.length === 0 || requests.length > MAX_BATCH_QUESTIONS) {
    faults.push({ path: 'requests', message: `This must contain 1 to ${MAX_BATCH_QUESTIONS} requests.` });
    throw badInput(faults.slice(0, MAX_FAULTS));
  }
  const reader = new QuestionReader(caller);
  const questions = requests.map((entry, i) =>
    reader.read(entry, `requests.${i}`, newId(ID_PREFIXES.request)),
  );
  faults.push(...reader.faults);
  if (faults.length > 0) throw badInput(faults.slice(0, MAX_FAULTS));
  return questions as VerifyQuestion[];
}
