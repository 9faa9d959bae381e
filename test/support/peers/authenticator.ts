import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const STEP_MS = 30_000;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function fromBase32(text: string): Buffer {
  const bits = [...text].map((c) => ALPHABET.indexOf(c).toString(2).padStart(5, '0')).join('');
  return Buffer.from(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)));
}

/** An authenticator app with one account (RFC 6238, six digits, 30 seconds). */
export class Authenticator {
  private lastStep = 0;

  constructor(readonly secret: string) {}

  /** The code at the given number of steps from now. */
  code(offset = 0): string {
    return this.at(Math.floor(Date.now() / STEP_MS) + offset);
  }

  /** A valid code that was not used before; waits if all were. */
  async fresh(): Promise<string> {
    const now = Math.floor(Date.now() / STEP_MS);
    const step = Math.max(now - 1, this.lastStep + 1);
    if (step > now + 1) await sleep((step - 1) * STEP_MS - Date.now() + 100);
    // Skip a code that could leave the window before it arrives.
    this.lastStep = step === now - 1 && Date.now() % STEP_MS > STEP_MS - 3000 ? step + 1 : step;
    return this.at(this.lastStep);
  }

  private at(step: number): string {
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(step));
    const mac = createHmac('sha1', fromBase32(this.secret)).update(counter).digest();
    const number = mac.readUInt32BE(mac.at(-1)! & 15) & 0x7fffffff;
    return String(number % 1_000_000).padStart(6, '0');
  }
}
