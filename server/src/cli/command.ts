import type { Terminal } from './terminal.js';
import type { Workspace } from './workspace.js';

/** What a command works with. */
export interface CommandContext {
  readonly workspace: Workspace;
  readonly terminal: Terminal;
}

/** Does what was asked for; false when it found something wrong and has said so. What it throws is told in a sentence. */
export type Command = (context: CommandContext) => Promise<boolean>;
