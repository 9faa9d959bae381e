import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { PACKAGE_ROOT } from '../config/package-root.js';
import { StartError } from '../config/start-error.js';
import { monotonicClock, systemClock } from '../core/clock.js';
import { LiveBus } from '../core/live-bus.js';
import { createDataPlane } from './data-plane.js';
import { ENTITIES } from '../database/entities.js';
import { provision } from '../database/provision.js';
import { createSchema } from '../graphql/schema.js';
import { CallerReader } from '../http/caller.js';
import { LogDestination, writeToStdout } from '../http/log-destination.js';
import { createLogger } from '../http/logger.js';
import { SessionCookie } from '../http/session-cookie.js';
import { createControlPlane } from './control-plane.js';
import { metricSources } from './metrics.js';
import { LocalVerifiers } from '../modules/local-verifiers/local-verifiers.js';
import { createMetrics } from '../modules/metrics/metrics.js';
import { LicenseFile } from '../modules/license/license-file.js';
import { REQUEST_LOG_TOPIC } from '../modules/request-logs/live-tail.js';
import { USAGE_TOPIC } from '../modules/usage/usage-ticker.js';
import { createRoutes, type ManagementRoutes } from './routes.js';

type Log = (message: string, error?: unknown) => void;

const PAGES = join(PACKAGE_ROOT, '../web/dist');

/** A running Keywright process. */
export interface App {
  /** The public URL if set, else the address on which it listens. */
  readonly url: string;
  /** One-time link that sets up the first owner; null if an owner exists, or if this process only verifies. */
  readonly setUpLink: string | null;
  /** Logs an uncaught error. */
  report(error: unknown): void;
  /** Answers pending requests, writes pending usage, and stops; the embedded database stops last. */
  close(): Promise<void>;
}

/**
 * Starts what the role of this process requires: verification and, unless it only verifies, management.
 * @param onPostgres Called with the function that stops the embedded PostgreSQL, before the rest is ready.
 */
export async function createApp(
  config: Config,
  onPostgres: (stop: () => Promise<void>) => void,
): Promise<App> {
  const destination = new LogDestination(writeToStdout());
  process.once('exit', () => destination.flush());
  const log = createLogger(config.logLevel, destination);
  const closers: (() => Promise<unknown> | void)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) {
      await Promise.resolve(closer()).catch((error: unknown) => log.error({ err: error }, 'closing failed'));
    }
  };
  try {
    return await start({ config, log, destination, closers, close, onPostgres });
  } catch (error) {
    await close();
    throw error;
  }
}

interface StartDeps {
  readonly config: Config;
  readonly log: Logger;
  readonly destination: LogDestination;
  readonly closers: (() => Promise<unknown> | void)[];
  readonly close: () => Promise<void>;
  readonly onPostgres: (stop: () => Promise<void>) => void;
}

async function start({ config, log, destination, closers, close, onPostgres }: StartDeps): Promise<App> {
  const warn: Log = (message, error) =>
    error === undefined ? log.warn(message) : log.warn({ err: error }, message);
  const licenseFile = await openLicense(config, warn);
  const database = await provision(config, ENTITIES, { log: warn, onPostgres });
  closers.push(database.close);
  const bus = new LiveBus();
  let url = config.publicUrl ?? '';
  const publicUrl = (): string => url;
  const secure = /^https:/i.test(config.publicUrl ?? '');
  const plane = await createDataPlane({
    config,
    database,
    log: warn,
    alarm: (message) => log.error(message),
    closers,
  });
  bus.topicsChanged.on(() =>
    plane.usage.followLive(bus.hasSubscribers(USAGE_TOPIC) || bus.hasSubscribers(REQUEST_LOG_TOPIC)),
  );
  const { replica, nodes, limits, usage, verification } = plane;
  const { feed } = replica;
  const { gate, service } = verification;

  let management: ManagementRoutes | undefined;
  let issueToken = (): Promise<string | null> => Promise.resolve(null);
  if (config.role !== 'verify') {
    const control = createControlPlane({
      config,
      database,
      licenseFile,
      replica,
      nodes,
      verification,
      nonces: limits.nonces,
      live: usage.live,
      bus,
      publicUrl,
      secure,
      log: warn,
    });
    closers.push(() => control.close());
    await control.start();
    const { sessions, devices, setUp, singleSignOn } = control.signIn;
    const cookie = new SessionCookie(secure, config.basePath);
    management = {
      graphql: {
        schema: createSchema(control.resolvers, bus),
        callers: new CallerReader(sessions, gate, cookie, publicUrl),
        cookie,
        devices,
        changes: feed.applied,
        clock: systemClock,
        log,
        publicUrl,
        trustedProxies: config.trustedProxies,
      },
      singleSignOn: singleSignOn(cookie),
      sandbox: config.sandbox ? { service, clock: systemClock, basePath: config.basePath } : undefined,
      pages: PAGES,
    };
    issueToken = () => setUp.issueToken();
  }
  const http = await createRoutes({
    http: {
      log,
      secure,
      basePath: config.basePath,
      trustedProxies: config.trustedProxies,
      readiness: () => ({ ready: feed.fresh, reason: feed.fresh ? null : 'The key index is not current.' }),
    },
    dataPlane:
      config.role === 'manage'
        ? undefined
        : {
            gate,
            service,
            rules: replica.routes,
            localVerifiers: new LocalVerifiers({
              ...verification,
              index: replica.index,
              feed,
              limiter: limits.limiter,
              recorder: usage.recorder,
              clock: systemClock,
              monotonicClock,
              maxStalenessSeconds: config.maxStalenessSeconds,
              log: warn,
            }),
          },
    metrics: {
      registry: createMetrics(metricSources(plane, database.dataSource, destination)),
      gate,
    },
    management,
  });
  closers.push(() => http.stop());
  const address = await listen(http.app, config);
  if (config.socket !== undefined) await http.listenOnUnixSocket(config.socket);
  url ||= address;
  const token = await issueToken();
  return {
    url,
    setUpLink: token && `${url}/setup#token=${token}`,
    report: (error) => log.error({ err: error }, 'Uncaught error.'),
    close,
  };
}

/** Opens the license file. Called before anything starts, because the process cannot run without the configured file. */
async function openLicense({ role, license }: Config, log: Log): Promise<LicenseFile | undefined> {
  if (role === 'verify' || !license.file) return undefined;
  return LicenseFile.open({ ...license.file, clock: monotonicClock, log });
}

/** Listens and returns the base URL. Error: {@link StartError}. */
async function listen(http: FastifyInstance, { host, port }: Config): Promise<string> {
  try {
    await http.listen({ host, port });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why =
      code === 'EADDRINUSE'
        ? `Port ${port} on ${host} is in use. Stop the process that listens on it, or set PORT to another port.`
        : code === 'EACCES'
          ? `Port ${port} requires more privileges than this user has. Set PORT to a port above 1023.`
          : `It could not listen on ${host}:${port}: ${message}.`;
    throw new StartError(why, { cause });
  }
  const address = http.server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}
