import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Lets the wall clock of a process be stepped while it runs; its monotonic clock goes on as always. */
export interface FakeTime {
  /** To be added to the settings of the process. */
  readonly env: Record<string, string>;
  /** Sets the wall clock so many hours off, from now on. */
  step(hours: number): void;
  clean(): void;
}

/** The threaded library of the Debian package `faketime`; undefined where it is not installed. */
export const fakeTimeLibrary: string | undefined = ['/usr/lib', '/usr/local/lib']
  .flatMap((directory) => [directory, ...subdirectories(directory)])
  .map((directory) => join(directory, 'faketime/libfaketimeMT.so.1'))
  .find((file) => existsSync(file));

function subdirectories(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory).map((name) => join(directory, name));
}

/** A clock for one process, which is right to begin with. */
export function fakeTime(library: string): FakeTime {
  const directory = mkdtempSync(join(tmpdir(), 'keywright-clock-'));
  const file = join(directory, 'offset');
  const step = (hours: number): void => {
    // In one piece, since the process may read it at any moment.
    writeFileSync(`${file}.next`, `${hours < 0 ? '' : '+'}${hours * 3600}\n`);
    renameSync(`${file}.next`, file);
  };
  step(0);
  return {
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      DONT_FAKE_MONOTONIC: '1',
    },
    step,
    clean: () => rmSync(directory, { recursive: true, force: true }),
  };
}
