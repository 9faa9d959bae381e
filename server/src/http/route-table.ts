import type { FastifyInstance } from 'fastify';

/** One way to reach the server: a method and a path, where `*` stands for any rest and `:name` for any part. */
export interface RouteEntry {
  /** An HTTP method, or WEBSOCKET for an upgrade. */
  readonly method: string;
  readonly path: string;
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Every route that was added. */
    routeTable: RouteTable;
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function patternOf(path: string): RegExp {
  const source = path
    .split('/')
    .map((part) => {
      if (part === '*') return '.*';
      return part.startsWith(':') ? '[^/]+' : part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
    })
    .join('/');
  return new RegExp(`^${source}$`);
}

/** Remembers the routes of a server. */
export class RouteTable {
  private readonly entries: RouteEntry[] = [];
  private readonly patterns: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];

  /** Notes a route for HTTP requests. */
  add(path: string, methods: readonly string[]): void {
    for (const method of methods) this.entries.push({ method, path });
    // The pages answer any path; they say nothing about the methods of one.
    if (path !== '/*') this.patterns.push({ pattern: patternOf(path), methods });
  }

  /** Notes that WebSockets are taken at a path, which Fastify knows nothing of. */
  addSocket(path: string): void {
    this.entries.push({ method: 'WEBSOCKET', path });
  }

  /** The methods that a path knows: for 405 and its Allow header. */
  methodsOf(path: string): string[] {
    const matching = this.patterns.filter(({ pattern }) => pattern.test(path));
    return [...new Set(matching.flatMap(({ methods }) => methods))];
  }

  /** Every route, in an order that does not depend on when they were added. */
  list(): RouteEntry[] {
    return this.entries.toSorted((a, b) => compare(a.path, b.path) || compare(a.method, b.method));
  }
}

/** Remembers the routes that are added from now on. */
export function watchRoutes(app: FastifyInstance): void {
  const table = new RouteTable();
  app.decorate('routeTable', table);
  app.addHook('onRoute', ({ url, method }) => table.add(url, [method].flat()));
}
