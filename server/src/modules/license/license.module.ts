import type { Module } from '../access/decide/module.js';
import { LicenseService, type LicenseServiceDeps } from './license-service.js';
import { LicenseResolver } from './license.resolver.js';

/** The limit on the number of keys. */
export function createLicense(deps: LicenseServiceDeps) {
  const service = new LicenseService(deps);
  return { service, resolvers: [new LicenseResolver(service)] } satisfies Module & Record<string, unknown>;
}
