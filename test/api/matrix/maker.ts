import { request, type Credential } from '../../support/peers/graphql.js';
import type { Keywright } from '../../support/servers/start-keywright.js';

/** Ids of the scopes: the root, the one where objects are created, and an unrelated one. */
export interface Scopes {
  readonly root: string;
  readonly home: string;
  readonly foreign: string;
}

/** A grant input. */
export interface PlacedGrant {
  readonly permissions?: readonly string[];
  readonly roleId?: string;
  readonly scopeId: string;
}

/** Creates the required objects, as the owner. */
export class Maker {
  private named = 0;

  constructor(
    readonly keywright: Keywright,
    private readonly credential: Credential,
    readonly scopes: Scopes,
  ) {}

  get url(): string {
    return this.keywright.url;
  }

  /** A unique name. */
  name(what: string): string {
    return `${what} ${++this.named}`;
  }

  /** Sends one operation, which must succeed. */
  make<Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> {
    return request<Data>(this.url, query, variables, this.credential);
  }
}
