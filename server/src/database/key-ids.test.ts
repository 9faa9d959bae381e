import type { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { InstallationKeyIds } from './key-ids.js';

it('keeps the last ids while the database has none, as during a restore', async () => {
  let rows = [{ pepperId: 2, encryptionKeyId: 3 }];
  const ids = new InstallationKeyIds({ query: () => Promise.resolve(rows) } as unknown as DataSource);
  await ids.refresh();
  rows = [];
  await expect(ids.refresh()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect([ids.pepperId, ids.encryptionKeyId]).toEqual([2, 3]);
});
