import { setTimeout as sleep } from 'node:timers/promises';
import { reseal } from '../core/sealed-rows.js';
import type { Command } from './command.js';
import { rotate } from './rotate.js';
import { sealedRowsIn } from './sealed.js';
import { counted } from './words.js';
import { unlockWorkspace } from './workspace.js';

/** Time until every running server seals with the new key. */
const SETTLE_MS = 1500;

/** Puts a new encryption key in use and reseals all secrets of older keys. */
export const rotateEncryptionKey: Command = async ({ workspace, terminal }) => {
  const { dataSource } = workspace;
  const { secrets, ids } = await unlockWorkspace(workspace);
  const id = await rotate(dataSource, 'encryptionKeyId');
  terminal.print(`Encryption key ${id} is now in use.`);
  await ids.refresh();
  await sleep(SETTLE_MS);
  let allOpened = true;
  for (const rows of sealedRowsIn(dataSource)) {
    const { moved, broken } = await reseal(rows, secrets.boxFor(rows.purpose), id);
    terminal.print(`Resealed: ${moved} ${rows.name}.`);
    if (broken === 0) continue;
    allOpened = false;
    terminal.printError(
      `${counted(broken, 'sealed secret', 'sealed secrets')} could not be opened (${rows.name}) and stayed unchanged.`,
    );
  }
  return allOpened;
};
