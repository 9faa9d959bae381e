import { execFile, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { cp, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fingerprint } from '../../server/bin/fingerprint.mjs';
import { temporaryDirectory } from '../support/servers/start-keywright.js';

const run = promisify(execFile);
const checkout = resolve(import.meta.dirname, '../..');
const START_TIMEOUT_MS = 400_000;

let directory: string;
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** The files in a directory that git would commit. */
async function sources(root: string): Promise<string[]> {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { stdout } = await run('git', args, { cwd: root, maxBuffer: 16 * 1024 * 1024 });
  return [...new Set(stdout.split('\0').filter(Boolean))];
}

/** Starts a checkout as `npm start` does, stops it once it is ready, and returns what it printed. */
function startOnce(root: string, dataDir: string): Promise<string> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(NODE_ENV|VITEST.*|npm_lifecycle_.*)$/.test(name),
  );
  const child = spawn(process.execPath, ['server/bin/start.mjs'], {
    cwd: root,
    env: { ...Object.fromEntries(inherited), PORT: '0', KEYWRIGHT_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const late = setTimeout(() => child.kill('SIGTERM'), START_TIMEOUT_MS);
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      if (/^Keywright is ready/m.test(printed)) child.kill('SIGTERM');
    });
  }
  return new Promise((done) => {
    child.once('close', () => {
      clearTimeout(late);
      done(printed);
    });
  });
}

test(
  'the second start of a fresh copy installs and builds nothing, even outside git',
  async () => {
    const copy = join(directory, 'keywright');
    for (const file of await sources(checkout)) {
      const found = await stat(join(checkout, file)).catch(() => undefined);
      if (!found) continue;
      await mkdir(dirname(join(copy, file)), { recursive: true });
      await cp(join(checkout, file), join(copy, file));
    }
    const first = await startOnce(copy, join(directory, 'data'));
    expect(first).toContain('Building…');
    expect(first).toContain('Keywright is ready at');
    const built = await stat(join(copy, 'server/dist/main.js'));

    const second = await startOnce(copy, join(directory, 'data'));
    expect(second).toContain('Keywright is ready at');
    expect(second).not.toMatch(/Installing|Building/);
    expect((await stat(join(copy, 'server/dist/main.js'))).mtimeMs).toBe(built.mtimeMs);
  },
  2 * START_TIMEOUT_MS,
);

test('the fingerprint changes with every file that git would commit, and with no others', async () => {
  await run('git', ['init', '--quiet'], { cwd: directory });
  await writeFile(
    join(directory, '.gitignore'),
    '# products\nnode_modules\ndist/\n*.log\n!kept.log\npkg/generated.d.ts\n/pkg/top\npkg/**/deep\n*.s[wx]p\na?c\nout/**\n',
  );
  const parts = ['pkg', 'dist', 'node_modules', 'generated.d.ts', 'x.log', 'kept.log', 'top', 'deep'].concat([
    'a.swp',
    'abc',
    'out',
    'plain.ts',
    'dist.ts',
    'generatedXd.ts',
  ]);
  const paths = new Set<string>();
  while (paths.size < 150) {
    const length = 1 + randomInt(3);
    paths.add(['pkg', ...Array.from({ length }, () => parts[randomInt(parts.length)]!)].join('/'));
  }
  const written: string[] = [];
  for (const path of paths) {
    const done = await mkdir(dirname(join(directory, path)), { recursive: true })
      .then(() => writeFile(join(directory, path), 'before'))
      .then(
        () => true,
        // A path that is already a directory, or a file where a directory is needed.
        () => false,
      );
    if (done) written.push(path);
  }
  const committed = new Set(await sources(directory));
  expect(written.filter((path) => committed.has(path)).length).toBeGreaterThan(5);
  expect(written.filter((path) => !committed.has(path)).length).toBeGreaterThan(5);
  for (const path of written) {
    const before = fingerprint(directory, ['pkg']);
    await writeFile(join(directory, path), 'after');
    expect(fingerprint(directory, ['pkg']) !== before, path).toBe(committed.has(path));
  }
});
