import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The directory of this package. Searched for, because a build puts this module into a file in any directory. */
export const PACKAGE_ROOT = findUp(import.meta.dirname, 'package.json');

function findUp(directory: string, name: string): string {
  return existsSync(join(directory, name)) ? directory : findUp(dirname(directory), name);
}
