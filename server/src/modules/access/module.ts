import type { RequestContext } from './principal.js';

/** Loads an object of one kind by its id, with the permission check of that kind; null when there is none. */
export type NodeLoader = (context: RequestContext, id: string) => Promise<{ readonly id: string } | null>;

/** What a module adds to the control plane. */
export interface Module {
  /** One instance of each of its resolver classes. */
  readonly resolvers: readonly object[];
  /** By prefix of the id. */
  readonly nodes?: Readonly<Record<string, NodeLoader>>;
  /** Removes what is old; called every few minutes. */
  readonly tidy?: () => Promise<unknown>;
  /** Ends what it started. */
  readonly close?: () => Promise<unknown> | void;
}
