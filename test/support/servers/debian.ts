import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SYSTEM_DIRECTORIES = ['/usr/local/sbin', '/usr/sbin', '/sbin'];
const WAIT_SECONDS = 300;
const INSTALL_SECONDS = 300;

/** Timeout of a hook that installs packages, including waiting for other installs. */
export const INSTALL_TIMEOUT_MS = (WAIT_SECONDS + INSTALL_SECONDS + 30) * 1_000;

// A package must not start its service: nginx would take port 80. Cached package lists are tried first, as updating them takes
// longest.
const SCRIPT = `
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 1' INT TERM
  printf '#!/bin/sh\\nexit 101\\n' > "$policy" && chmod 755 "$policy" || exit 1
fi
install() {
  apt-get -o DPkg::Lock::Timeout=60 install --yes --no-upgrade --no-install-recommends "$1"
}
install "$1" || { apt-get -o DPkg::Lock::Timeout=60 update && install "$1"; }
`;

/** Path of the first of these programs found on the machine. */
export async function programsNamed(...names: string[]): Promise<string[]> {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const directories = new Set([...path, ...SYSTEM_DIRECTORIES]);
  const candidates = names.flatMap((name) => [...directories].map((directory) => join(directory, name)));
  const usable = await Promise.all(candidates.map(mayRun));
  return candidates.filter((_, index) => usable[index]);
}

/** Whether this account can execute the file. */
export const mayRun = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );

/** Finds a program on the machine, or (as root, with apt) installs its Debian package within `INSTALL_TIMEOUT_MS`. */
export async function debianProgram(name: string, packageName = name): Promise<string> {
  const [present] = await programsNamed(name);
  if (present) return present;
  const fault = await installDebianPackage(packageName);
  const [installed] = await programsNamed(name);
  if (installed) return installed;
  throw new Error(
    `This test needs the program ${name}. Install it (Debian: apt-get install ${packageName}). ${fault ?? ''}`.trim(),
  );
}

/** Installs a Debian package without starting its service, one at a time across processes; returns the reason on failure. */
export async function installDebianPackage(packageName: string): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'It was not installed, as only root may.';
  const lock = join(tmpdir(), 'keywright-test-apt.lock');
  const limited = ['timeout', String(INSTALL_SECONDS), 'sh', '-c', SCRIPT, 'sh', packageName];
  try {
    await run('flock', ['--wait', String(WAIT_SECONDS), lock, ...limited], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      cwd: '/',
      maxBuffer: 16 * 1024 * 1024,
    });
    return undefined;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    return `It could not be installed: ${stderr?.trim().split('\n').slice(-3).join(' ') || message}`;
  }
}
