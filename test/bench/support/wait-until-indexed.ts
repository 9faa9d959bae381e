import { readFile } from 'node:fs/promises';
import { verify } from '../../support/peers/client.js';
import { eventually } from '../../support/eventually.js';
import { ASKED } from './seed-verify-keys.js';
import type { Installation } from './keywright-server.js';

/** Waits until a running server has loaded all keys that were added directly to the database. */
export async function waitUntilIndexed({ url, gateway }: Installation, tokensFile: string): Promise<void> {
  const { environment, permission, scope, ip } = ASKED;
  const tokens = (await readFile(tokensFile, 'latin1')).trimEnd().split('\n');
  for (const key of [tokens[0]!, tokens.at(-1)!]) {
    await eventually(async () => {
      const { body } = await verify(url, gateway, { key, request: { ip }, environment, permission, scope });
      if (!body.valid) throw new Error(`A seeded key is refused: ${JSON.stringify(body)}`);
    });
  }
}
