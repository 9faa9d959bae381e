import type { Readable } from 'node:stream';
import { redact } from '../core/redact.js';

/** Input and output of a command. */
export interface Terminal {
  /** Prints to standard output. */
  print(line: string): void;
  /** Prints an error or a question to standard error. */
  printError(line: string): void;
  readonly input: Readable & { readonly isTTY?: boolean };
}

/** The standard streams of this process. Redacts everything token-shaped. */
export const processTerminal: Terminal = {
  print: (line) => void process.stdout.write(`${redact(line)}\n`),
  printError: (line) => void process.stderr.write(`${redact(line)}\n`),
  input: process.stdin,
};
