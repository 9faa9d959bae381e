import { execFile } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'vitest';

const run = promisify(execFile);

/** A disk that can be filled and freed again. */
export interface Disk {
  fill(): Promise<void>;
  free(): Promise<void>;
}

/**
 * Limits a process to files slightly larger than the largest one in a directory: like a full disk, it accepts part of a write
 * and rejects the rest (EFBIG). Needs no extra privileges.
 */
export function limitedFiles(pid: number, directory: string): Disk {
  const limit = (soft: string): Promise<unknown> =>
    run('prlimit', ['--pid', String(pid), `--fsize=${soft}:`]);
  return {
    async fill() {
      const names = await readdir(directory);
      const sizes = await Promise.all(names.map(async (name) => (await stat(join(directory, name))).size));
      await limit(String(Math.max(...sizes) + 500));
    },
    free: async () => void (await limit('unlimited')),
  };
}

/** Whether this account can mount a disk. */
export async function mayMount(): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), 'keywright-disk-'));
  const disk = await smallDisk(directory, 1);
  await disk?.unmount();
  await rm(directory, { recursive: true });
  return disk !== null;
}

/** Registers a test that mounts a disk; if this account cannot, reports that the test is left out. */
export async function testOnDisk(name: string, run: () => Promise<unknown>): Promise<void> {
  if (await mayMount()) test(name, () => run().then(() => undefined));
  else console.warn(`Not tested, since this account may not mount a disk: ${name}.`);
}

/** Mounts a small disk (ENOSPC) on a directory; null if this account cannot mount. */
export async function smallDisk(
  directory: string,
  megabytes: number,
): Promise<(Disk & { unmount(): Promise<void> }) | null> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', directory]).then(
    () => true,
    () => false,
  );
  if (!mounted) return null;
  const ballast = join(directory, 'ballast');
  return {
    async fill() {
      const file = openSync(ballast, 'w');
      const block = Buffer.alloc(64 * 1024);
      try {
        for (;;) writeSync(file, block);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        closeSync(file);
      }
    },
    free: () => rm(ballast),
    unmount: async () => void (await run('umount', [directory])),
  };
}
