import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { API_ROOTS } from '../core/base-path.js';
import { isGatewayQuestion } from '../modules/gateways/original-request.js';
import type { StaticFile } from './static-files.js';

/** Built files whose names contain a content hash. */
const HASHED = '/assets/';
/** Paths of the API never answer with a page. */
const API = new RegExp(`^/(?:${API_ROOTS.join('|')}|api)(?:/|$)`);

async function send(file: StaticFile, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const cache = file.path.startsWith(HASHED) ? 'public, max-age=31536000, immutable' : 'no-cache';
  reply.headers({ 'cache-control': cache, etag: file.etag, vary: 'accept-encoding' });
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
  const encoding = file.encodingFor(request.headers['accept-encoding']);
  if (encoding !== 'identity') reply.header('content-encoding', encoding);
  return reply.type(file.type).send(await file.bytes(encoding));
}

/** The management UI: its files by path, and `index.html` for every other page path. */
export function addPages(app: FastifyInstance, files: ReadonlyMap<string, StaticFile>): void {
  const index = files.get('/index.html');
  app.get('/*', { logLevel: 'warn' }, async (request, reply) => {
    // A gateway with a wrong address must not take a page for a positive answer and let every request pass.
    if (isGatewayQuestion(request.headers)) return reply.callNotFound();
    const path = request.url.split('?')[0]!;
    const file = files.get(path === '/' ? '/index.html' : path);
    if (file) return send(file, request, reply);
    if (!index || API.test(path)) return reply.callNotFound();
    return send(index, request, reply);
  });
}
