import { request, type Credential } from '../../support/graphql.js';
import { takes } from './contract.js';

/** Ids of the scopes; without a tree home is the root, and nothing is foreign. */
export interface Scopes {
  readonly root: string;
  readonly home: string;
  readonly foreign: string | null;
}

/** A grant as inputs have it. */
export interface PlacedGrant {
  readonly permissions?: readonly string[];
  readonly roleId?: string;
  readonly scopeId: string;
}

/** Makes what there must be, as the owner. */
export class Maker {
  private named = 0;

  constructor(
    readonly url: string,
    private readonly credential: Credential,
    readonly scopes: Scopes,
  ) {}

  /** A name that nothing else has. */
  name(what: string): string {
    return `${what} ${++this.named}`;
  }

  /** Sends one operation, which must succeed. */
  make<Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> {
    return request<Data>(this.url, query, variables, this.credential);
  }

  /** The member of an input that places what it makes at home; none while there is no tree. */
  atHome(input: string): { scopeId?: string } {
    return takes(input, 'scopeId') ? { scopeId: this.scopes.home } : {};
  }
}
