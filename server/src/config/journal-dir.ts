import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from './start-error.js';

/** The directory of the usage journal and the id of this process, which is stored in it so that both are lost together. */
export interface JournalDir {
  readonly directory: string;
  readonly processId: string;
}

/** Finds or creates the journal in a data directory. Error: {@link StartError} if it cannot be created. */
export async function openJournalDir(dataDir: string): Promise<JournalDir> {
  const directory = join(dataDir, 'journal');
  const file = join(directory, 'node');
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeFile(file, `${randomUUID()}\n`, { flag: 'wx', mode: 0o600 }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      },
    );
    const processId = (await readFile(file, 'utf8')).trim();
    if (!/^[0-9a-f-]{36}$/.test(processId)) throw new Error(`${file} does not contain a valid name`);
    return { directory, processId };
  } catch (cause) {
    throw new StartError(`The usage journal in ${directory} cannot be used: ${(cause as Error).message}.`, {
      cause,
    });
  }
}
