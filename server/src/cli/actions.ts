import type { Config } from '../config/config.js';
import { readConfig } from '../config/env.js';
import { bindGroupRole } from './bind-group-role.js';
import { check } from './check.js';
import type { Command } from './command.js';
import { checkOwner, createOwner } from './create-owner.js';
import { askPassword, readPassword } from './password.js';
import type { Actions } from './program.js';
import { rotateEncryptionKey } from './rotate-encryption-key.js';
import { rotatePepper } from './rotate-pepper.js';
import { migrate } from './migrate.js';
import type { Terminal } from './terminal.js';
import { openWorkspace, type Workspace } from './workspace.js';

const INTERRUPTED = 130;

/** The actions of the command line. Closes what they open, also on interruption. */
export function createActions(terminal: Terminal): Actions {
  let opening: Promise<Workspace> | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      const leave = async (): Promise<void> => (await opening)?.close();
      void leave()
        .catch(() => undefined)
        .then(() => process.exit(INTERRUPTED));
    });
  }

  const run = async (command: Command, config: Config, mayBegin = false): Promise<boolean> => {
    opening = openWorkspace(config, mayBegin);
    const workspace = await opening;
    try {
      return await command({ workspace, terminal });
    } finally {
      await workspace.close();
    }
  };
  return {
    migrate: () => run(migrate, readConfig(), true),
    async createOwner(profile, passwordOnStdin) {
      // Check the settings before asking for a password.
      const config = readConfig();
      const password = await (passwordOnStdin ? readPassword(terminal) : askPassword(terminal));
      return run(createOwner(checkOwner({ ...profile, password })), config);
    },
    bindGroupRole: (request) => run(bindGroupRole(request), readConfig()),
    check: () => run(check, readConfig()),
    rotatePepper: () => run(rotatePepper, readConfig()),
    rotateEncryptionKey: () => run(rotateEncryptionKey, readConfig()),
  };
}
