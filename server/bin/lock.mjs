import { readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const HEARTBEAT_INTERVAL_MS = 2_000;
const STALE_AFTER_MS = 15_000;

/** Runs work under a lock between processes of this checkout; calls `onWait` once if it has to wait. */
export async function withLock(file, onWait, work) {
  let waiting = false;
  while (!take(file)) {
    if (!waiting) onWait();
    waiting = true;
    await sleep(200);
  }
  const beat = setInterval(() => touch(file), HEARTBEAT_INTERVAL_MS);
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    process.off('exit', release);
    release();
  }
}

function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (abandoned(file)) discard(file);
    return false;
  }
}

// The holder touches the file while it works, so an old file was left by a process that was killed.
function abandoned(file) {
  try {
    if (Date.now() - statSync(file).mtimeMs > STALE_AFTER_MS) return true;
    process.kill(Number(readFileSync(file, 'utf8')), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

// Renames first, so that only one of several waiters removes an abandoned file.
function discard(file) {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  rmSync(aside, { force: true });
}

function touch(file) {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    // Someone removed the file; finish the work anyway.
  }
}
