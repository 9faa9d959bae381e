import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { createKey } from '../peers/client.js';
import { startCluster, type Cluster } from '../servers/cluster.js';
import { cuttableProxy, type CuttableProxy } from '../peers/cuttable-proxy.js';
import { eventually } from '../eventually.js';
import { codes, graphql } from '../peers/graphql.js';
import { spawnServer, type ServerProcess } from '../servers/server-process.js';
import { KeyModel } from './key-model.js';
import { verifyOnce } from '../peers/traffic.js';

/** How long the verifying process keeps deciding without the database. */
export const STALENESS_MS = 6000;
/** From when it may have stopped: its data was last current some time before the cut. */
const MAY_SHED_AFTER_MS = STALENESS_MS - 3000;
const REACHES_WITHIN_MS = 5000;

interface Answer {
  readonly apiKey: { readonly id: string; readonly overlapEndsAt: string | null };
  readonly secret?: { readonly secret: string };
  readonly propagation: { readonly changeToken: string; readonly nodes: number; readonly applied: number };
}

let names = 0;

/** A managing process, a verifying one that can be cut off from the database, and a model of the keys. */
export class KeyWorld {
  readonly figures = { verifications: 0, shed: 0, confirmedAtOnce: 0, confirmedLater: 0 };
  keys: KeyModel[] = [];
  private cutAtMs: number | null = null;
  private unconfirmed: string | null = null;
  private readonly agent = new Agent({ keepAlive: true });

  private constructor(
    private readonly cluster: Cluster,
    private readonly proxy: CuttableProxy,
    private readonly caller: string,
    private readonly settings: Record<string, string>,
    private node: { url: string; process: ServerProcess },
  ) {}

  static async start(): Promise<KeyWorld> {
    const cluster = await startCluster({ nodes: 0 });
    const proxy = await cuttableProxy(cluster.manager.database.url);
    const env = {
      DATABASE_URL: proxy.url,
      KEYWRIGHT_MAX_STALENESS_SECONDS: String(STALENESS_MS / 1000),
    };
    const node = await cluster.addNode(env);
    const permissions = ['keywright.verify'];
    const caller = await createKey(cluster.manager.url, cluster.owner, { permissions });
    const world = new KeyWorld(cluster, proxy, caller.secret, node.settings, node);
    await world.change('disableApiKey(id: $id)', { id: caller.id }, '$id: ID!', () => undefined);
    await world.change('enableApiKey(id: $id)', { id: caller.id }, '$id: ID!', () => undefined);
    return world;
  }

  get partitioned(): boolean {
    return this.cutAtMs !== null;
  }

  /** Sends a mutation that must succeed, updates the model, and waits for the verifying process unless it is cut off. */
  async change(
    field: string,
    variables: Record<string, unknown>,
    declared: string,
    follow: (answer: Answer) => void,
  ): Promise<void> {
    const issued = field.startsWith('createApiKey') || field.startsWith('regenerateApiKey');
    const response = await this.send(
      `mutation (${declared}) { done: ${field} { apiKey { id overlapEndsAt } ${issued ? 'secret { secret }' : ''}
         propagation { changeToken nodes applied } } }`,
      variables,
    );
    expect(response.errors).toEqual([]);
    const answer = response.data!.done;
    follow(answer);
    const { changeToken, nodes, applied } = answer.propagation;
    if (nodes === 1 && applied === 1) {
      this.figures.confirmedAtOnce++;
      this.confirmAll();
      return;
    }
    this.unconfirmed = changeToken;
    if (!this.partitioned) await this.reach();
  }

  /** Sends a mutation of a revoked key, which must be rejected. */
  async refuse(
    field: string,
    variables: Record<string, unknown>,
    declared: string,
    code = 'KEY_REVOKED',
  ): Promise<void> {
    const response = await this.send(
      `mutation (${declared}) { done: ${field} { apiKey { id } } }`,
      variables,
    );
    expect(codes(response)).toEqual([code]);
  }

  async cut(): Promise<void> {
    await this.proxy.cut();
    this.cutAtMs = performance.now();
  }

  async mend(): Promise<void> {
    if (!this.partitioned) return;
    await this.proxy.mend();
    await eventually(async () => expect((await fetch(`${this.node.url}/readyz`)).status).toBe(200), 15_000);
    this.cutAtMs = null;
    await this.reach(15_000);
  }

  /** Stays cut off for longer than the process may keep deciding. */
  async outlast(): Promise<void> {
    await sleep(Math.max(0, this.cutAtMs! + STALENESS_MS + 300 - performance.now()));
  }

  /** A process that has started has everything. */
  async restart(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (signal === 'SIGTERM') await this.mend();
    await this.node.process.stop(signal);
    if (this.partitioned) await this.proxy.mend();
    this.cutAtMs = null;
    const process = spawnServer(this.settings);
    this.node = { url: await process.ready(), process };
    this.confirmAll();
  }

  /** Verifies every secret, past and present, of every key. */
  async verifyAll(): Promise<void> {
    for (const key of this.keys) for (const secret of key.secrets) await this.verify(key, secret);
  }

  async stop(): Promise<void> {
    this.agent.destroy();
    await this.node.process.stop('SIGKILL');
    await this.cluster.stop();
    await this.proxy.close();
  }

  private async verify(key: KeyModel, secret: string): Promise<void> {
    const fromMs = Date.now();
    const { status, code, fault, sentAt, doneAt } = await verifyOnce(
      this.agent,
      this.node.url,
      this.caller,
      secret,
    );
    const allowed = key.allowed(secret, fromMs, Date.now());
    this.figures.verifications++;
    expect(fault).toBeNull();
    const cutForMs = (atMs: number): number => (this.cutAtMs === null ? 0 : atMs - this.cutAtMs);
    if (status === 503 && cutForMs(doneAt) > MAY_SHED_AFTER_MS) {
      this.figures.shed++;
      return;
    }
    expect(status, `${code} after ${Math.round(cutForMs(doneAt))} ms without the database`).toBe(200);
    expect(cutForMs(sentAt)).toBeLessThan(STALENESS_MS);
    expect([...allowed], `of a secret of ${JSON.stringify(key)}`).toContain(code);
  }

  /** Waits until the process reports the last change: within the promised time, unless it was cut off. */
  private async reach(withinMs = REACHES_WITHIN_MS): Promise<void> {
    if (this.unconfirmed === null) return;
    await eventually(async () => {
      const query =
        'query ($token: String!) { propagation(changeToken: $token) { changeToken nodes applied } }';
      const { data } = await this.send(query, { token: this.unconfirmed });
      expect(data).toMatchObject({ propagation: { nodes: 1, applied: 1 } });
    }, withinMs);
    this.figures.confirmedLater++;
    this.confirmAll();
  }

  private confirmAll(): void {
    this.unconfirmed = null;
    for (const key of this.keys) key.confirm();
  }

  private send(query: string, variables: Record<string, unknown>) {
    return graphql<{ done: Answer }>(this.cluster.manager.url, query, variables, this.cluster.owner);
  }

  /** An unused key name. */
  static newName(): string {
    return `Key of the model ${++names}`;
  }
}
