import 'reflect-metadata';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Registry } from 'prom-client';
import { Emitter } from '../core/events.js';
import { systemClock } from '../core/clock.js';
import { LiveBus } from '../core/live-bus.js';
import { createSchema } from '../graphql/schema.js';
import type { CallerReader } from '../http/caller.js';
import { createLogger } from '../http/logger.js';
import { SessionCookie } from '../http/session-cookie.js';
import type { LocalVerifiers } from '../modules/local-verifiers/local-verifiers.js';
import type { KnownDevices } from '../modules/sign-in/sessions/known-devices.js';
import type { OidcDeps } from '../modules/sign-in/oidc/oidc.route.js';
import { RouteTable } from '../modules/route-rules/route-table.js';
import type { CallerGate } from '../modules/verification/caller-gate.js';
import type { VerificationService } from '../modules/verification/verification-service.js';
import { createRoutes } from '../app/routes.js';
import { blankControlPlane } from './blank.js';
import { formatted } from './formatted.js';

/** Writes all routes of the server to `schema/routes.json`, or to the given file. Needs no database: no service is called. */
const path = fileURLToPath(new URL('../../../schema/routes.json', import.meta.url));
const log = createLogger('silent');
const gate = {} as CallerGate;
const verification = {} as VerificationService;
const { app } = await createRoutes({
  http: {
    log,
    secure: false,
    basePath: '',
    trustedProxies: [],
    readiness: () => ({ ready: true, reason: null }),
  },
  dataPlane: {
    gate,
    service: verification,
    rules: { table: new RouteTable([], 'DENY') },
    localVerifiers: {} as LocalVerifiers,
  },
  metrics: { registry: new Registry(), gate },
  management: {
    graphql: {
      schema: createSchema(blankControlPlane().resolvers, new LiveBus()),
      callers: {} as CallerReader,
      cookie: new SessionCookie(false),
      devices: {} as KnownDevices,
      changes: new Emitter(),
      clock: systemClock,
      log,
      publicUrl: () => '',
      trustedProxies: [],
    },
    singleSignOn: {} as OidcDeps,
    sandbox: { service: verification, clock: systemClock, basePath: '' },
    pages: fileURLToPath(new URL('../none', import.meta.url)),
  },
});
await app.ready();
const lines = app.routeTable.list().map((route) => JSON.stringify(route));
await app.close();
await writeFile(process.argv[2] ?? path, await formatted(path, `[${lines.join(',\n')}]`));
