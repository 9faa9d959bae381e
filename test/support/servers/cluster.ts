import { rm } from 'node:fs/promises';
import { signIn } from '../peers/client.js';
import type { Credential } from '../peers/graphql.js';
import { spawnServer, type ServerProcess } from './server-process.js';
import { startKeywright, temporaryDirectory, type Keywright } from './start-keywright.js';

/** One verifying process. */
export interface VerifyNode {
  readonly url: string;
  readonly process: ServerProcess;
  readonly dataDir: string;
  /** Its settings, to restart it. */
  readonly settings: Record<string, string>;
}

/** A managing process and verify-only processes on one database. */
export interface Cluster {
  readonly manager: Keywright;
  readonly owner: Credential;
  readonly nodes: VerifyNode[];
  /** Starts another verify-only process; `env` adds to its settings, such as another `DATABASE_URL`. */
  addNode(env?: Record<string, string>): Promise<VerifyNode>;
  stop(): Promise<void>;
}

/** Starts the managing process with `env`, and the given number of verify-only ones with `nodeEnv` as well. */
export async function startCluster({
  nodes: count,
  env = {},
  nodeEnv = {},
}: {
  nodes: number;
  env?: Record<string, string>;
  nodeEnv?: Record<string, string>;
}): Promise<Cluster> {
  const manager = await startKeywright({ env: { KEYWRIGHT_ROLE: 'manage', ...env } });
  const nodes: VerifyNode[] = [];
  const addNode = async (more: Record<string, string> = {}): Promise<VerifyNode> => {
    const dataDir = await temporaryDirectory();
    const settings = {
      ...manager.settings,
      KEYWRIGHT_ADMIN_EMAIL: '',
      KEYWRIGHT_ADMIN_PASSWORD: '',
      KEYWRIGHT_ROLE: 'verify',
      KEYWRIGHT_DATA_DIR: dataDir,
      ...nodeEnv,
      ...more,
    };
    const process = spawnServer(settings);
    const node = { url: await process.ready(), process, dataDir, settings };
    nodes.push(node);
    return node;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(
      nodes.map(async ({ process, dataDir }) => {
        await process.stop();
        await rm(dataDir, { recursive: true, force: true });
      }),
    );
    await manager.stop();
  };
  try {
    const started = await Promise.allSettled(Array.from({ length: count }, () => addNode()));
    const failed = started.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    return { manager, owner: { bearer: await signIn(manager.url) }, nodes, addNode, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
