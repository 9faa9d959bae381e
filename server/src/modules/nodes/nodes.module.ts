import type { Module } from '../access/decide/module.js';
import type { ProcessRegistry } from './process-registry.js';
import { ProcessStatusResolver } from './process-status.resolver.js';

/** The management side of running processes: how each of them stands. */
export function createNodes(deps: { readonly registry: ProcessRegistry }) {
  return { resolvers: [new ProcessStatusResolver(deps.registry)] } satisfies Module;
}
