// Loaded before a server: its wall clock is as many milliseconds off as a file says, from one moment to the next. The
// monotonic clock goes on as always, as that of a machine whose clock is set does.
import { readFileSync, statSync } from 'node:fs';

const file = process.env.STEPPED_CLOCK_FILE;
const RealDate = Date;
let offset = 0;
let readAt = -Infinity;
let changed = -1;

function now() {
  // A look at the file each millisecond is soon enough, and leaves time for the work.
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
