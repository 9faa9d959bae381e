import { ConfigError } from '../config/env.js';
import { StartError } from '../config/start-error.js';
import { AppError } from '../core/errors.js';
import { logLine } from '../core/redact.js';

const MAX_TEXT_LENGTH = 500;

/** Wrong usage of a command. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** Explains an error to the person at the terminal, without a stack trace. */
export function explain(error: unknown): string {
  if (error instanceof ConfigError) {
    return `Some settings are not valid:\n${error.faults.map((fault) => `  ${fault}`).join('\n')}`;
  }
  if (error instanceof StartError || error instanceof AppError || error instanceof UsageError) {
    return error.message;
  }
  const message = error instanceof Error ? error.message : String(error);
  return `The command failed: ${logLine(message.replace(/\.$/, ''), MAX_TEXT_LENGTH)}.`;
}
