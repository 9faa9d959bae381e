import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StartError } from '../../config/start-error.js';
import { LicenseFile } from './license-file.js';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
function token(maximumKeys: number): string {
  const signed = `${encode({ alg: 'EdDSA' })}.${encode({ holder: 'Example', maximumKeys, validUntil: null })}`;
  return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`;
}

let directory: string;
let path: string;
let nowMs: number;
const log = vi.fn();
const open = (): Promise<LicenseFile> =>
  LicenseFile.open({ path, publicKey, clock: { now: () => nowMs }, log });

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keywright-license-'));
  path = join(directory, 'license.jws');
  nowMs = 0;
  log.mockClear();
});
afterEach(() => rm(directory, { recursive: true }));

describe('at startup', () => {
  it.each([
    ['is missing', async () => undefined],
    ['is empty', () => writeFile(path, '')],
    ['is a directory', () => mkdir(path)],
    ['is too large', () => writeFile(path, token(1).padEnd(20_000))],
    ['has an extra line', () => writeFile(path, `${token(1)}\n\n`)],
  ])('names a file that %s', async (_, make) => {
    await make();
    await expect(open()).rejects.toThrow(StartError);
    await expect(open()).rejects.toThrow(path);
  });

  it('accepts a trailing line break', async () => {
    await writeFile(path, `${token(3)}\r\n`);
    expect(await (await open()).current()).toMatchObject({ maximumKeys: 3 });
  });
});

describe('a changed file', () => {
  it('is read again within a few seconds', async () => {
    await writeFile(path, token(3));
    const file = await open();
    await writeFile(path, token(4000));
    nowMs = 1999;
    expect(await file.current()).toMatchObject({ maximumKeys: 3 });
    nowMs = 2000;
    const answers = await Promise.all([file.current(), file.current()]);
    expect(answers).toMatchObject([{ maximumKeys: 4000 }, { maximumKeys: 4000 }]);
    expect(log).not.toHaveBeenCalled();
  });

  it('keeps the last valid license while it is broken or missing, and logs this once', async () => {
    await writeFile(path, token(3));
    const file = await open();
    for (const damage of [() => writeFile(path, 'broken'), () => rm(path)]) {
      log.mockClear();
      await damage();
      for (let i = 0; i < 3; i++) {
        nowMs += 2000;
        expect(await file.current()).toMatchObject({ maximumKeys: 3 });
      }
      expect(log).toHaveBeenCalledOnce();
      expect(log.mock.calls[0]![0]).toContain(path);
    }
    await writeFile(path, token(5));
    nowMs += 2000;
    expect(await file.current()).toMatchObject({ maximumKeys: 5 });
  });
});
