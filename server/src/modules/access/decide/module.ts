import type { RequestContext } from './principal.js';

/** Loads an object of one kind by id and checks the permission for that kind; null if there is none. */
export type NodeLoader = (context: RequestContext, id: string) => Promise<{ readonly id: string } | null>;

/** What a module contributes to the control plane. */
export interface Module {
  /** One instance of each of its resolver classes. */
  readonly resolvers: readonly object[];
  /** Loaders, by id prefix. */
  readonly nodes?: Readonly<Record<string, NodeLoader>>;
  /** Deletes expired data; called every few minutes. */
  readonly tidy?: () => Promise<unknown>;
  /** Stops what the module started. */
  readonly close?: () => Promise<unknown> | void;
}
