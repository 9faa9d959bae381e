import type { Command } from './command.js';
import { rotate } from './rotate.js';
import { counted } from './words.js';
import { unlockWorkspace } from './workspace.js';

/** Puts a new pepper in use. Keys keep their digest until they are next used. */
export const rotatePepper: Command = async ({ workspace, terminal }) => {
  const { dataSource } = workspace;
  await unlockWorkspace(workspace);
  const id = await rotate(dataSource, 'pepperId');
  const [{ older }] = (await dataSource.query(
    `select count(*) as older from api_key where revoked_at is null and kind = 'BEARER' and pepper_id < $1`,
    [id],
  )) as [{ older: number }];
  terminal.print(`Pepper ${id} is now in use.`);
  terminal.print(
    older === 0
      ? 'No key has an older digest.'
      : `${counted(older, 'key has an older digest', 'keys have older digests')}; they move when they are next used.`,
  );
  return true;
};
