import { foundInAnyEncoding } from '@keywright/schema/encodings';
import {
  readAuthorizeTarget,
  readNeed,
  type AuthorizeTarget,
  type GatewayFault,
  type Need,
} from './authorize-target.js';

/** The requirements that a question states. */
export interface QuestionNeed extends Need {
  /** Whether the gateway keeps the client's query on its question, where it is ignored. */
  readonly keepsQuery?: boolean;
}

/** A query that a gateway wrote. */
interface OwnQuery {
  readonly text: string;
  /** The {@link PARAMETERS} that it contains. */
  readonly parameters: readonly RegExp[];
  readonly need: QuestionNeed | GatewayFault;
}

/** Any notation in which a server could read a parameter with one of these names. */
const PARAMETERS = ['permission', 'scope', 'cost'].map(
  (name) => new RegExp(`(?:^|[&;])[\\s+]*${name}[\\s+]*(?:[=&;[]|$)`, 'i'),
);
const MAX_TARGETS = 100;

const WRITABLE =
  'The query of the request has a parameter with the same name as one of the authorize URL. Set it in the path instead, such as /v1/authorize/permission=view_customer/production; in Caddy, end the uri with a question mark.';
const BOTH = 'The URL sets its parameters in the path, so it cannot have a query.';
const UNKNOWN =
  'The query of the URL can only set permission, scope and cost, and none of them can be empty.';

const parametersIn = (query: string): RegExp[] =>
  PARAMETERS.filter((parameter) => foundInAnyEncoding(query, parameter));

function readOwn(text: string): OwnQuery {
  const read = readNeed(new URLSearchParams(text));
  return { text, parameters: parametersIn(text), need: read ?? { fault: UNKNOWN } };
}

/** Reads the URLs with which gateways ask; the same few recur, and are cached. Nothing here throws. */
export class QuestionReader {
  private readonly targets = new Map<string, AuthorizeTarget | GatewayFault>();
  private lastQuery = readOwn('');

  /** What the gateway's own URL says. */
  targetOf(url: string): AuthorizeTarget | GatewayFault {
    const known = this.targets.get(url);
    if (known) return known;
    const target = readAuthorizeTarget(url);
    // URLs that a client may have written would evict the others.
    if ('fault' in target || target.original !== null || target.query !== '') return target;
    if (this.targets.size < MAX_TARGETS) this.targets.set(url, target);
    return target;
  }

  /**
   * The requirements in the path and query of the question. Some gateways keep the client's query on it: a parameter
   * counts only if the original query has none with that name, and the client's own query never counts.
   */
  needOf(target: AuthorizeTarget, clientQuery: string): QuestionNeed | GatewayFault {
    const { query, named } = target;
    if (query === '') return target;
    if (query === clientQuery) {
      return parametersIn(query).length > 0 ? { fault: WRITABLE } : { ...target, keepsQuery: true };
    }
    const own = this.lastQuery.text === query ? this.lastQuery : readOwn(query);
    this.lastQuery = own;
    if (own.parameters.some((parameter) => foundInAnyEncoding(clientQuery, parameter))) {
      return { fault: WRITABLE };
    }
    return named ? { fault: BOTH } : own.need;
  }
}
