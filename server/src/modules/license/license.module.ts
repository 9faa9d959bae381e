import type { DataSource } from 'typeorm';
import type { Module } from '../access/decide/module.js';
import { LicenseService, type LicenseServiceDeps } from './license-service.js';
import { LicenseTally } from './license-tally.postgres.js';
import { LicenseResolver } from './license.resolver.js';

export interface LicenseDeps extends Omit<LicenseServiceDeps, 'tally'> {
  readonly dataSource: DataSource;
}

/** The limit on the number of keys. */
export function createLicense({ dataSource, ...deps }: LicenseDeps) {
  const service = new LicenseService({ ...deps, tally: new LicenseTally(dataSource) });
  return { service, resolvers: [new LicenseResolver(service)] } satisfies Module & Record<string, unknown>;
}
