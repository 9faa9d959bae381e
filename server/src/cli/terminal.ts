import type { Readable } from 'node:stream';
import { redact } from '../core/redact.js';

/** What a command speaks through. */
export interface Terminal {
  /** Prints what was asked for. */
  say(line: string): void;
  /** Prints what is wrong, or asks. */
  complain(line: string): void;
  readonly input: Readable & { readonly isTTY?: boolean };
}

/** The terminal, or whatever files and pipes stand in for it. Nothing token-shaped comes out of it. */
export const processTerminal: Terminal = {
  say: (line) => void process.stdout.write(`${redact(line)}\n`),
  complain: (line) => void process.stderr.write(`${redact(line)}\n`),
  input: process.stdin,
};
