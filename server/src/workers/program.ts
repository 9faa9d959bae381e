import { extname } from 'node:path';

/** The program of a worker thread, among the sources or in the build. */
export const workerProgram = (name: 'flusher' | 'openapi-document'): URL =>
  new URL(`./${name}${extname(import.meta.url)}`, import.meta.url);
