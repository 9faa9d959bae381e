import type { FastifyInstance } from 'fastify';

/** One route: a method and a path, in which `*` matches any rest and `:name` any segment. */
export interface RouteEntry {
  /** An HTTP method, or WEBSOCKET for upgrades. */
  readonly method: string;
  readonly path: string;
}

declare module 'fastify' {
  interface FastifyInstance {
    /** All registered routes. */
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

/** Records the routes of a server. */
export class RouteTable {
  private readonly entries: RouteEntry[] = [];
  private readonly patterns: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];

  /** Records an HTTP route. */
  add(path: string, methods: readonly string[]): void {
    for (const method of methods) this.entries.push({ method, path });
    // Pages answer any path, so they do not define its methods.
    if (path !== '/*') this.patterns.push({ pattern: patternOf(path), methods });
  }

  /** Records a WebSocket path, which Fastify does not know. */
  addSocket(path: string): void {
    this.entries.push({ method: 'WEBSOCKET', path });
  }

  /** The methods of a path, for 405 and its Allow header. */
  methodsOf(path: string): string[] {
    const matching = this.patterns.filter(({ pattern }) => pattern.test(path));
    return [...new Set(matching.flatMap(({ methods }) => methods))];
  }

  /** All routes, sorted by path and method. */
  list(): RouteEntry[] {
    return this.entries.toSorted((a, b) => compare(a.path, b.path) || compare(a.method, b.method));
  }
}

/** Records all routes that are added from now on. */
export function watchRoutes(app: FastifyInstance): void {
  const table = new RouteTable();
  app.decorate('routeTable', table);
  app.addHook('onRoute', ({ url, method }) => table.add(url, [method].flat()));
}
