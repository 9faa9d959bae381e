import { pino, type Logger } from 'pino';
import { logLine } from '../core/redact.js';
import { LogDestination, writeToStdout } from './log-destination.js';

const MAX_TEXT_LENGTH = 2000;

/** The logged fields of an error. Never its other properties: those of a failed query contain its parameters. */
function describe(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return logLine(String(error), MAX_TEXT_LENGTH);
  const { name, message, stack, cause } = error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return {
    type: name,
    code,
    message: logLine(message, MAX_TEXT_LENGTH),
    stack: stack
      ?.split('\n')
      .slice(1, 12)
      .map((line) => line.trim()),
    ...(cause !== undefined && depth < 3 ? { cause: describe(cause, depth + 1) } : {}),
  };
}

/** The log: JSON lines on standard output, without credentials. */
export const createLogger = (
  level: string = 'info',
  destination: LogDestination = new LogDestination(writeToStdout()),
): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (error: unknown) => describe(error) },
    },
    destination,
  );
