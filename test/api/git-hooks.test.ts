import { execFile } from 'node:child_process';
import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { temporaryDirectory } from '../support/servers/start-keywright.js';

const run = promisify(execFile);
const checkout = resolve(import.meta.dirname, '../..');
const SETTINGS = ['user.name=Test', 'user.email=test@example.test', 'core.hooksPath=.githooks'];

let directory: string;
const git = (...args: string[]): Promise<unknown> =>
  run('git', [...SETTINGS.flatMap((setting) => ['-c', setting]), ...args], { cwd: directory });

beforeEach(async () => {
  directory = await temporaryDirectory();
  for (const file of ['.githooks', '.oxlintrc.json', '.oxfmtrc.json'])
    await cp(join(checkout, file), join(directory, file), { recursive: true });
  await symlink(join(checkout, 'node_modules'), join(directory, 'node_modules'));
  await mkdir(join(directory, 'a folder'));
  await git('init', '--quiet');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const commit = async (code: string): Promise<string | null> => {
  await writeFile(join(directory, 'a folder/file.ts'), code);
  await git('add', 'a folder/file.ts');
  return git('commit', '--message', 'Try it').then(
    () => null,
    (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
  );
};

test('a commit checks the format and lint of staged files', { timeout: 60_000 }, async () => {
  await writeFile(join(directory, 'unstaged.ts'), 'const  a=1');
  expect(await commit('export const  answer=42')).toContain('Run: npm run format');
  expect(await commit('export const answer: any = 42;\n')).toContain('no-explicit-any');
  expect(await commit('export const answer = 42;\n')).toBeNull();
});
