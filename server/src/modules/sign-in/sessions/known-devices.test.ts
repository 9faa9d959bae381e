import { beforeEach, expect, it } from 'vitest';
import { SecretBox } from '../../../core/secret-box.js';
import { KNOWN_MS, KnownDevices } from './known-devices.js';

const boxOf = (byte: number): SecretBox => new SecretBox({ get: () => Buffer.alloc(32, byte) }, () => 1);
let now = 0;
let devices: KnownDevices;
beforeEach(() => {
  now = Date.UTC(2027, 0, 1);
  devices = new KnownDevices(boxOf(1), { now: () => now }, true);
});

const cookieOf = (setCookie: string): string => setCookie.split(';')[0]!;

it('is known only to the accounts that signed in on it', () => {
  const first = cookieOf(devices.remember(undefined, 'ada@example.test'));
  const both = cookieOf(devices.remember(`other=1; ${first}`, 'bob@example.test'));
  const id = devices.idFor(first, ' ADA@example.test');
  expect(id).toMatch(/^[\w-]{16}$/);
  expect(devices.idFor(first, 'bob@example.test')).toBeNull();
  expect(devices.idFor(both, 'ada@example.test')).toBe(id);
  expect(devices.idFor(both, 'bob@example.test')).toBe(id);
});

it('counts as a new device without a cookie, or with a forged one or one of another installation', () => {
  const cookie = cookieOf(devices.remember(undefined, 'ada@example.test'));
  const foreign = new KnownDevices(boxOf(2), { now: () => now }, true).remember(
    undefined,
    'ada@example.test',
  );
  const flipped = `${cookie.slice(0, -1)}${cookie.endsWith('A') ? 'B' : 'A'}`;
  const wrong = [
    undefined,
    '',
    flipped,
    cookieOf(foreign),
    `${cookie}; ${cookie}`,
    `${cookie}${'A'.repeat(4000)}`,
  ];
  for (const header of wrong) expect(devices.idFor(header, 'ada@example.test')).toBeNull();
});

it('is forgotten after half a year, or earlier by the least recent of many accounts', () => {
  let cookie = cookieOf(devices.remember(undefined, 'first@example.test'));
  for (let i = 0; i < 8; i++) cookie = cookieOf(devices.remember(cookie, `user${i}@example.test`));
  expect(devices.idFor(cookie, 'first@example.test')).toBeNull();
  expect(devices.idFor(cookie, 'user7@example.test')).not.toBeNull();
  now += KNOWN_MS;
  expect(devices.idFor(cookie, 'user7@example.test')).toBeNull();
});

it('is stored in a cookie that scripts and other sites cannot read', () => {
  expect(devices.remember(undefined, 'ada@example.test')).toMatch(
    /^__Host-keywright_device=[\w-]+; Max-Age=15552000; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
  );
});
