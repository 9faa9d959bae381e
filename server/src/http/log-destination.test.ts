import { expect, test, vi } from 'vitest';
import { LogDestination } from './log-destination.js';

const fault = (code: string): Error => Object.assign(new Error(code), { code });

/** A file that accepts `room` bytes and then fails. */
class Disk {
  text = '';
  constructor(
    public room: number,
    public code: string,
  ) {}

  readonly write = (bytes: Uint8Array): number => {
    if (this.room === 0) throw fault(this.code);
    const taken = Math.min(this.room, bytes.length);
    this.room -= taken;
    this.text += Buffer.from(bytes.subarray(0, taken)).toString();
    return taken;
  };
}

test('drops and counts lines that do not fit, and starts the next on a new line', () => {
  const disk = new Disk(6, 'ENOSPC');
  const log = new LogDestination(disk.write);
  for (const line of ['1111\n', '2222\n', '3333\n']) log.write(line);
  expect(log.dropped).toBe(2);
  disk.room = 100;
  log.write('4444\n');
  expect(disk.text).toBe('1111\n2\n4444\n');
  expect(log.dropped).toBe(2);
});

test('a slow reader gets every line, in order', () => {
  vi.useFakeTimers();
  const pipe = new Disk(7, 'EAGAIN');
  const log = new LogDestination(pipe.write);
  for (const line of ['1111\n', '2222\n', '3333\n']) log.write(line);
  for (let i = 0; i < 10; i++) {
    pipe.room = 2;
    vi.advanceTimersByTime(20);
  }
  expect(pipe.text).toBe('1111\n2222\n3333\n');
  expect(log.dropped).toBe(0);
  vi.useRealTimers();
});

test('keeps only a few megabytes for a reader that has stopped', () => {
  const log = new LogDestination(new Disk(0, 'EAGAIN').write);
  const line = `${'x'.repeat(1023)}\n`;
  for (let i = 0; i < 5000; i++) log.write(line);
  expect(log.dropped).toBe(5000 - 4096);
});
