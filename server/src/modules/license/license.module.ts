import type { Module } from '../access/module.js';
import { LicenseService, type LicenseServiceParts } from './license-service.js';
import { LicenseResolver } from './license.resolver.js';

/** The limit on the number of keys. */
export function createLicense(deps: LicenseServiceParts) {
  const service = new LicenseService(deps);
  return { service, resolvers: [new LicenseResolver(service)] } satisfies Module & Record<string, unknown>;
}
