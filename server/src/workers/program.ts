import { extname } from 'node:path';

/** URL of a worker thread's program, in the sources or in the build. */
export const workerProgram = (name: 'flusher' | 'openapi-document'): URL =>
  new URL(`./${name}${extname(import.meta.url)}`, import.meta.url);
