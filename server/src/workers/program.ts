import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PACKAGE_ROOT } from '../config/package-root.js';

const extension = extname(import.meta.url);
const directory = join(PACKAGE_ROOT, extension === '.ts' ? 'src' : 'dist', 'workers');

/** URL of a worker thread's program, in the sources or in the build. */
export const workerProgram = (name: 'flusher' | 'openapi-document'): URL =>
  pathToFileURL(join(directory, `${name}${extension}`));
