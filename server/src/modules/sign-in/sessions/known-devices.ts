import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../../core/clock.js';
import { cookieForm, readCookie } from '../../../core/cookie.js';
import type { SecretBox } from '../../../core/secret-box.js';
import { foldEmail } from '../../users/user.js';

/** Context of the sealed value, so that the key can seal other things too. */
const ABOUT = ['known device'];

/** How long a device is known after its last sign-in, in milliseconds. */
export const KNOWN_MS = 180 * 86_400_000;

/** Maximum number of accounts stored per device; the most recent ones are kept. */
const MAX_ACCOUNTS = 8;
const MAX_COOKIE_CHARACTERS = 2000;

interface Device {
  readonly id: string;
  /** Accounts by the hash of their address, each with its last sign-in on this device, in milliseconds since 1970. */
  readonly accounts: readonly (readonly [account: string, at: number])[];
}

const accountOf = (email: string): string =>
  createHash('sha256').update(foldEmail(email)).digest().subarray(0, 16).toString('base64url');

/**
 * Recognizes devices that have signed in before, by a sealed cookie. The cookie signs nobody in; it only keeps the
 * guesses of others from locking a known device out.
 */
export class KnownDevices {
  private readonly name: string;
  private readonly attributes: string;

  constructor(
    private readonly box: SecretBox,
    private readonly clock: Clock,
    secure: boolean,
    basePath = '',
  ) {
    ({ name: this.name, attributes: this.attributes } = cookieForm('keywright_device', secure, basePath));
  }

  /** The id of the device in a Cookie header if this account has signed in on it; otherwise null. */
  idFor(header: string | undefined, email: string): string | null {
    const device = this.read(header);
    const account = accountOf(email);
    return device?.accounts.some(([known]) => known === account) ? device.id : null;
  }

  /** The Set-Cookie header that adds an account to the device. */
  remember(header: string | undefined, email: string): string {
    const before = this.read(header);
    const account = accountOf(email);
    const others = (before?.accounts ?? []).filter(([known]) => known !== account);
    const device: Device = {
      id: before?.id ?? randomBytes(12).toString('base64url'),
      accounts: [[account, this.clock.now()] as const, ...others].slice(0, MAX_ACCOUNTS),
    };
    const sealed = this.box.seal(Buffer.from(JSON.stringify(device)), ABOUT).toString('base64url');
    return `${this.name}=${sealed}; Max-Age=${KNOWN_MS / 1000}${this.attributes}`;
  }

  /**
   * The device in a Cookie header, without accounts whose last sign-in is too old; undefined if the cookie is missing,
   * duplicated or not ours.
   */
  private read(header: string | undefined): Device | undefined {
    const value = readCookie(header, this.name);
    if (value === undefined || value.length > MAX_COOKIE_CHARACTERS) return undefined;
    const opened = this.box.open(Buffer.from(value, 'base64url'), ABOUT);
    if (!opened) return undefined;
    const { id, accounts } = JSON.parse(opened.toString('utf8')) as Device;
    return { id, accounts: accounts.filter(([, at]) => this.clock.now() < at + KNOWN_MS) };
  }
}
