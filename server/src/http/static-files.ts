import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.ttf': 'font/ttf',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.wasm': 'application/wasm',
};
const COMPRESSIBLE = /^(?:text\/|application\/(?:json|manifest)|image\/svg|font\/ttf|application\/wasm)/;
const MIN_COMPRESSED_BYTES = 1024;
const BROTLI_QUALITY = 9;

/** Content encoding of a response. */
export type Encoding = 'br' | 'gzip' | 'identity';

/** One file of the built pages. */
export class StaticFile {
  readonly type: string;
  readonly etag: string;
  private readonly encoded = new Map<Encoding, Promise<Buffer>>();

  constructor(
    readonly path: string,
    private readonly content: Buffer,
  ) {
    this.type = TYPES[extname(path)] ?? 'application/octet-stream';
    this.etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
  }

  /** The best encoding that the client accepts. */
  encodingFor(accept: string | undefined): Encoding {
    if (!COMPRESSIBLE.test(this.type) || this.content.length < MIN_COMPRESSED_BYTES || !accept)
      return 'identity';
    if (/\bbr\b(?!\s*;\s*q=0(?:\.0*)?(?:\s*,|\s*$))/.test(accept)) return 'br';
    return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:\s*,|\s*$))/.test(accept) ? 'gzip' : 'identity';
  }

  /** The encoded bytes; compressed once, on first use. */
  bytes(encoding: Encoding): Promise<Buffer> {
    let bytes = this.encoded.get(encoding);
    if (!bytes) this.encoded.set(encoding, (bytes = this.encode(encoding)));
    return bytes;
  }

  private async encode(encoding: Encoding): Promise<Buffer> {
    if (encoding === 'gzip') return promisify(gzip)(this.content, { level: 9 });
    if (encoding === 'identity') return this.content;
    return promisify(brotliCompress)(this.content, {
      params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY },
    });
  }
}

const PAGE = '/index.html';

/** Makes the relative links of the page absolute, because it is served at paths of any depth. */
const withAbsoluteLinks = (basePath: string, page: Buffer): Buffer =>
  Buffer.from(page.toString('utf8').replaceAll('"./', `"${basePath}/`));

/**
 * Reads every file below the directory, by URL path; no files if the directory is missing. Nothing else is ever served.
 * @param basePath Prefix of the paths in a browser.
 */
export async function readStaticFiles(
  directory: string,
  basePath: string,
): Promise<ReadonlyMap<string, StaticFile>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => {
      const file = join(entry.parentPath, entry.name);
      const path = `/${relative(directory, file).split(sep).join('/')}`;
      const content = await readFile(file);
      return [
        path,
        new StaticFile(path, path === PAGE ? withAbsoluteLinks(basePath, content) : content),
      ] as const;
    });
  return new Map(await Promise.all(files));
}
