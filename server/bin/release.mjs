// Creates a release: `npm run release -- 0.2.0`. Sets the version, dates the changelog, commits, tags, and packs the archives.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PlainError } from './run-logged.mjs';

const MANIFESTS = ['', 'schema', 'server', 'test', 'web'].map((folder) => join(folder, 'package.json'));
const CHANGELOG = '.github/CHANGELOG.md';
const NEXT = '## Next release';
const VERSION = /^(\d+)\.(\d+)\.(\d+)$/;

try {
  release(resolve(import.meta.dirname, '../..'), process.argv[2]);
} catch (error) {
  if (!(error instanceof PlainError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

function release(root, version) {
  const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  const current = JSON.parse(readFileSync(join(root, MANIFESTS[0]), 'utf8')).version;
  refuseUnless(VERSION.test(version ?? ''), 'Specify the version: npm run release -- 0.2.0');
  refuseUnless(isNewer(version, current), `The version must be newer than ${current}.`);
  refuseUnless(git('status', '--porcelain') === '', 'Commit or stash your changes first.');
  refuseUnless(git('tag', '--list', `v${version}`) === '', `The tag v${version} already exists.`);

  const changelog = readFileSync(join(root, CHANGELOG), 'utf8');
  const [, notes] = changelog.split(`${NEXT}\n`);
  refuseUnless(notes?.split(/^## /m)[0].trim(), `${CHANGELOG} has no entries under "${NEXT}".`);
  const dated = `## ${version} (${new Date().toISOString().slice(0, 10)})`;
  writeFileSync(join(root, CHANGELOG), changelog.replace(NEXT, dated));
  for (const manifest of MANIFESTS) {
    const path = join(root, manifest);
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace(`"version": "${current}"`, `"version": "${version}"`),
    );
  }
  git('commit', '--quiet', '--message', `Release ${version}`, CHANGELOG, ...MANIFESTS);
  git('tag', '--annotate', `v${version}`, '--message', `Keywright ${version}`);

  const packages = join(root, 'dist');
  mkdirSync(packages, { recursive: true });
  const source = join(packages, `keywright-${version}.tar.gz`);
  git('archive', `--prefix=keywright-${version}/`, `--output=${source}`, `v${version}`);
  const npm = (...args) => execFileSync('npm', args, { cwd: join(root, 'schema'), encoding: 'utf8' });
  npm('run', 'build', '--silent');
  const client = npm('pack', '--silent', '--pack-destination', packages).trim();
  console.log(`Tagged v${version}. Packed:\n  ${source}\n  ${join(packages, client)}`);
  console.log('Run npm test, then: git push --follow-tags');
}

function isNewer(version, current) {
  const [a, b] = [version, current].map((text) => VERSION.exec(text).slice(1).map(Number));
  const differing = a.findIndex((part, index) => part !== b[index]);
  return differing >= 0 && a[differing] > b[differing];
}

function refuseUnless(condition, message) {
  if (!condition) throw new PlainError(message);
}
