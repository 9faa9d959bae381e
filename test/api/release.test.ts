import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { temporaryDirectory } from '../support/servers/start-keywright.js';

const run = promisify(execFile);
const checkout = resolve(import.meta.dirname, '../..');
const AUTHOR = ['-c', 'user.name=Test', '-c', 'user.email=test@example.test'];

let directory: string;
let copy: string;
const git = async (...args: string[]): Promise<string> =>
  (await run('git', [...AUTHOR, ...args], { cwd: copy, maxBuffer: 64 * 1024 * 1024 })).stdout.trim();
const release = async (...args: string[]): Promise<{ code: number; stderr: string }> => {
  const env = {
    ...process.env,
    GIT_AUTHOR_NAME: 'Test',
    GIT_AUTHOR_EMAIL: 'test@example.test',
    GIT_COMMITTER_NAME: 'Test',
    GIT_COMMITTER_EMAIL: 'test@example.test',
  };
  try {
    const { stderr } = await run(process.execPath, ['server/bin/release.mjs', ...args], { cwd: copy, env });
    return { code: 0, stderr };
  } catch (error) {
    const { code, stderr } = error as { code: number; stderr: string };
    return { code, stderr };
  }
};

/** A separate checkout with this one's packages and uncommitted changes. */
beforeEach(async () => {
  directory = await temporaryDirectory();
  copy = join(directory, 'keywright');
  await mkdir(copy);
  const files = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  const list = (await run('git', files, { cwd: checkout, maxBuffer: 16 * 1024 * 1024 })).stdout;
  await writeFile(join(directory, 'files'), list);
  const shell = `tar --create --null --ignore-failed-read --files-from='${join(directory, 'files')}' | tar --extract --directory='${copy}'`;
  await run('sh', ['-c', shell], { cwd: checkout });
  for (const folder of ['.', 'schema']) {
    await symlink(join(checkout, folder, 'node_modules'), join(copy, folder, 'node_modules'));
  }
  await git('init', '--quiet');
  await writeFile(join(copy, '.git/info/exclude'), 'node_modules\n');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'Everything');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test(
  'a release has its version everywhere, a dated changelog, a tag and packages',
  { timeout: 120_000 },
  async () => {
    expect(await release('0.2.0')).toEqual({ code: 0, stderr: '' });
    for (const folder of ['.', 'schema', 'server', 'test', 'web']) {
      expect(JSON.parse(await readFile(join(copy, folder, 'package.json'), 'utf8')).version).toBe('0.2.0');
    }
    expect(await git('status', '--porcelain')).toBe('');
    expect(await git('log', '-1', '--format=%s')).toBe('Release 0.2.0');
    expect(await git('rev-parse', 'v0.2.0^{commit}')).toBe(await git('rev-parse', 'HEAD'));
    const changelog = await readFile(join(copy, '.github/CHANGELOG.md'), 'utf8');
    expect(changelog).toMatch(/^## 0\.2\.0 \(\d{4}-\d\d-\d\d\)$/m);
    expect((await readdir(join(copy, 'dist'))).toSorted()).toEqual([
      'keywright-0.2.0.tar.gz',
      'keywright-schema-0.2.0.tgz',
    ]);
    const packed = await run('tar', ['--list', '--file', join(copy, 'dist/keywright-schema-0.2.0.tgz')]);
    expect(packed.stdout.split('\n')).toEqual(
      expect.arrayContaining(['package/dist/verification/verdicts.js', 'package/README.md']),
    );
    // Without changes since, another release has nothing to describe.
    expect((await release('0.3.0')).stderr).toContain('has no entries under');
  },
);

test('a release that fails changes nothing', { timeout: 120_000 }, async () => {
  for (const [args, fault] of [
    [[], 'Specify the version'],
    [['next'], 'Specify the version'],
    [['0.1.0'], 'newer than 0.1.0'],
    [['0.0.9'], 'newer than 0.1.0'],
  ] as const) {
    expect(await release(...args)).toEqual({ code: 1, stderr: expect.stringContaining(fault) });
  }
  await git('tag', 'v0.2.0');
  expect((await release('0.2.0')).stderr).toBe('The tag v0.2.0 already exists.\n');
  await writeFile(join(copy, 'LICENSE'), 'another one');
  expect((await release('0.3.0')).stderr).toBe('Commit or stash your changes first.\n');
  expect(await git('log', '--format=%s')).toBe('Everything');
});
