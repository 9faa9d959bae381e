// Loaded before a server: offsets its wall clock by the milliseconds in a file, in steps. The monotonic clock is unaffected,
// as when the clock of a machine is set.
import { readFileSync, statSync } from 'node:fs';

const file = process.env.STEPPED_CLOCK_FILE;
const RealDate = Date;
let offset = 0;
let readAt = -Infinity;
let changed = -1;

function now() {
  // Reading the file once per millisecond is often enough and cheap.
  if (performance.now() - readAt > 1) {
    readAt = performance.now();
    const { mtimeMs, ino } = statSync(file);
    if (changed !== mtimeMs + ino) offset = Number(readFileSync(file, 'utf8'));
    changed = mtimeMs + ino;
  }
  return RealDate.now() + offset;
}

globalThis.Date = class Date extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(now());
    else super(...parts);
  }

  static now() {
    return now();
  }
};
