import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { getMetadataStorage } from 'type-graphql';
import { expect, test } from 'vitest';
import { blankControlPlane } from './blank.js';

const sources = resolve(import.meta.dirname, '..');

test('every resolver class that exists is part of the control plane', async () => {
  // Loads all files that define resolvers, so that none is missed.
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' });
  for (const file of files) if (file.endsWith('.resolver.ts')) await import(join(sources, file));
  const wired = new Set(blankControlPlane().resolvers.map((resolver) => resolver.constructor));
  const existing = getMetadataStorage().resolverClasses.map(({ target }) => target);
  expect(existing.length).toBeGreaterThan(40);
  expect(existing.filter((resolverClass) => !wired.has(resolverClass))).toEqual([]);
  expect(wired.size).toBe(new Set(existing).size);
});
