import type { Terminal } from './terminal.js';
import type { Workspace } from './workspace.js';

export interface CommandContext {
  readonly workspace: Workspace;
  readonly terminal: Terminal;
}

/** Runs a command; false if it found and reported something wrong. Errors are printed as a sentence. */
export type Command = (context: CommandContext) => Promise<boolean>;
