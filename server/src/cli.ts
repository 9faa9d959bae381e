import 'reflect-metadata';
import { CommanderError } from 'commander';
import { check } from './cli/check.js';
import type { Command } from './cli/command.js';
import { checkOwner, createOwner } from './cli/create-owner.js';
import { explain, UsageError } from './cli/fault.js';
import { migrate } from './cli/migrate.js';
import { askPassword, readPassword } from './cli/password.js';
import { createProgram } from './cli/program.js';
import { rotateEncryptionKey } from './cli/rotate-encryption-key.js';
import { rotatePepper } from './cli/rotate-pepper.js';
import { processTerminal as terminal } from './cli/terminal.js';
import { openWorkspace, type Workspace } from './cli/workspace.js';
import type { Config } from './config/config.js';
import { readConfig } from './config/env.js';

const EXIT = { fault: 1, usage: 2, interrupted: 130 } as const;

let opening: Promise<Workspace> | undefined;

/** Runs a command on the database that the settings name, and leaves it as it was found. */
async function run(
  command: Command,
  { config = readConfig(), mayBegin = false }: RunOptions = {},
): Promise<void> {
  opening = openWorkspace(config, mayBegin);
  const workspace = await opening;
  try {
    if (!(await command({ workspace, terminal }))) process.exitCode = EXIT.fault;
  } finally {
    await workspace.close();
  }
}

interface RunOptions {
  readonly config?: Config;
  readonly mayBegin?: boolean;
}

const program = createProgram(
  {
    migrate: () => run(migrate, { mayBegin: true }),
    async createOwner(profile, passwordOnStdin) {
      // Whoever is asked for a password shall not type it for nothing.
      const config = readConfig();
      const password = await (passwordOnStdin ? readPassword(terminal) : askPassword(terminal));
      await run(createOwner(checkOwner({ ...profile, password })), { config });
    },
    check: () => run(check),
    rotatePepper: () => run(rotatePepper),
    rotateEncryptionKey: () => run(rotateEncryptionKey),
  },
  terminal,
);

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    const leave = async (): Promise<void> => (await opening)?.close();
    void leave()
      .catch(() => undefined)
      .then(() => process.exit(EXIT.interrupted));
  });
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Help and version that were asked for are no fault.
    process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage;
  } else {
    terminal.complain(explain(error));
    process.exitCode = error instanceof UsageError ? EXIT.usage : EXIT.fault;
  }
}
