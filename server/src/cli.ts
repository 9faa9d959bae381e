import 'reflect-metadata';
import { CommanderError } from 'commander';
import { explain, UsageError } from './cli/fault.js';
import { createProgram } from './cli/program.js';
import { processTerminal as terminal } from './cli/terminal.js';

const EXIT = { fault: 1, usage: 2 } as const;

// Loaded only to run a command, so that help appears immediately.
const program = createProgram(async () => (await import('./cli/actions.js')).createActions(terminal), {
  terminal,
  foundFault: () => (process.exitCode = EXIT.fault),
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Requested help and version are not errors.
    process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage;
  } else {
    terminal.printError(explain(error));
    process.exitCode = error instanceof UsageError ? EXIT.usage : EXIT.fault;
  }
}
