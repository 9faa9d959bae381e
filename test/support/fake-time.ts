import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const HOUR_MS = 3_600_000;
const PRELOAD = pathToFileURL(join(import.meta.dirname, 'stepped-clock.mjs'));

/** Lets the wall clock of a process be stepped while it runs; its monotonic clock goes on as always. */
export interface FakeTime {
  /** To be added to the settings of the process. */
  readonly env: Record<string, string>;
  /** Sets the wall clock so many hours off, from now on. */
  step(hours: number): void;
  clean(): void;
}

/** A clock for one process, which is right to begin with. */
export function fakeTime(): FakeTime {
  const directory = mkdtempSync(join(tmpdir(), 'keywright-clock-'));
  const file = join(directory, 'offset');
  const step = (hours: number): void => {
    // In one piece, since the process may read it at any moment.
    writeFileSync(`${file}.next`, String(hours * HOUR_MS));
    renameSync(`${file}.next`, file);
  };
  step(0);
  return {
    env: { NODE_OPTIONS: `--import ${PRELOAD.href}`, STEPPED_CLOCK_FILE: file },
    step,
    clean: () => rmSync(directory, { recursive: true, force: true }),
  };
}
