import { describe, expect, test } from 'vitest';
import { MIGRATIONS } from './data-source.js';
import { downgradeFault, isAtLeast, type KeywrightMigration } from './migration-version.js';

describe('versions', () => {
  test.each([
    ['0.1.0', '0.1.0', true],
    ['0.2.0', '0.1.9', true],
    ['0.10.0', '0.9.0', true],
    ['1.0.0', '0.99.99', true],
    ['0.1.0', '0.1.1', false],
    ['0.9.0', '0.10.0', false],
    ['1.0.0', '1.0.0-rc.1', true],
    ['1.0.0-rc.1', '1.0.0', false],
    ['1.0.0-rc.1', '1.0.0-rc.1', true],
    ['1.0.0-rc.2', '1.0.0-rc.10', false],
    ['1.0.0', 'soon', false],
    ['1.0.0', '', false],
  ])('%s runs if the oldest version is %s: %s', (version, oldest, enough) => {
    expect(isAtLeast(version, oldest)).toBe(enough);
  });
});

describe('a database with unknown migrations', () => {
  test('is used if all of them allow this version', () => {
    expect(downgradeFault('0.2.0', [])).toBeNull();
    expect(downgradeFault('0.2.0', [{ name: 'A', oldestVersion: '0.1.0' }])).toBeNull();
  });

  test('is rejected with the needed version if one of them needs a newer one', () => {
    const said = downgradeFault('0.2.0', [
      { name: 'A', oldestVersion: '0.1.0' },
      { name: 'B', oldestVersion: '0.4.0' },
      { name: 'C', oldestVersion: '0.3.0' },
    ]);
    expect(said).toContain('Start 0.4.0 or newer');
  });

  test('is rejected if one of them names no version', () => {
    expect(downgradeFault('0.2.0', [{ name: 'A', oldestVersion: null }])).toMatch(/newer Keywright/);
  });
});

test('every oldest version of a migration is a valid version', () => {
  const named = MIGRATIONS.map((Migration) => (new Migration() as KeywrightMigration).oldestVersion);
  for (const version of named) if (version !== undefined) expect(isAtLeast(version, version)).toBe(true);
  expect(named.length).toBeGreaterThan(10);
});
