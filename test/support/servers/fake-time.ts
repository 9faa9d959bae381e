import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const HOUR_MS = 3_600_000;
const PRELOAD = pathToFileURL(join(import.meta.dirname, 'stepped-clock.mjs'));

/** Steps the wall clock of a running process; its monotonic clock is unaffected. */
export interface FakeTime {
  /** Environment variables to add to the process. */
  readonly env: Record<string, string>;
  /** Sets the offset of the wall clock, in hours. */
  step(hours: number): void;
  clean(): void;
}

/** Creates a clock for one process, initially correct. */
export function fakeTime(): FakeTime {
  const directory = mkdtempSync(join(tmpdir(), 'keywright-clock-'));
  const file = join(directory, 'offset');
  const step = (hours: number): void => {
    // Atomically, as the process can read it at any moment.
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
