import { setImmediate as turn } from 'node:timers/promises';
import { createLocalVerifier, type LocalVerifier } from '@keywright/schema/local';
import { createKey, signIn } from '../../support/peers/client.js';
import { request } from '../../support/peers/graphql.js';
import type { Closing } from './closing.js';
import { OWNER, type Installation } from './keywright-server.js';
import { ASKED } from './seed-verify-keys.js';
import { median, type Row } from './verify-table.js';

const KEYS = 100;
const REVOCATIONS = 200;
const PIECE = 2000;
const ROUNDS = 5;
const GIVES_UP_MS = 10_000;

interface Known {
  readonly id: string;
  readonly secret: string;
}

async function startVerifier(closing: Closing, { url, gateway }: Installation): Promise<LocalVerifier> {
  const verifier = createLocalVerifier({ url, key: gateway });
  closing.add(() => verifier.close());
  await verifier.ready();
  return verifier;
}

/** Creates keys with IP ranges, an expiry and a rate limit that requires leases. */
async function makeKeys(url: string, count: number): Promise<{ bearer: string; keys: Known[] }> {
  const bearer = await signIn(url, OWNER);
  const keys: Known[] = [];
  for (let i = 0; i < count; i++) {
    keys.push(
      await createKey(
        url,
        { bearer },
        {
          permissions: [ASKED.permission],
          allowedCidrs: ['203.0.113.0/24'],
          expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
          rateLimits: [{ name: 'minute', limit: 1_000_000_000, windowSeconds: 60 }],
        },
      ),
    );
  }
  return { bearer, keys };
}

const questionOf = ({ secret }: Known) => {
  const { environment, permission, scope, ip } = ASKED;
  const described = { method: 'GET', url: '/crm/customers?page=2', ip };
  return { key: secret, request: described, environment, permission, scope } as const;
};

/** Row c: verifications in the caller's process, by the CPU time of this process. */
export async function localRow(closing: Closing, installation: Installation, seconds: number): Promise<Row> {
  const verifier = await startVerifier(closing, installation);
  const { keys } = await makeKeys(installation.url, KEYS);
  const questions = keys.map(questionOf);
  for (const question of questions) {
    const { code } = await verifier.verify(question);
    if (code !== 'VALID') throw new Error(`A key for the bench is answered ${code}.`);
  }
  const perCore: number[] = [];
  let asked = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const cpu = process.cpuUsage();
    const endMs = performance.now() + seconds * 1000;
    let decided = 0;
    while (performance.now() < endMs) {
      for (let i = 0; i < PIECE; i++) {
        const question = questions[i % KEYS]!;
        const answer = verifier.verifySync(question) ?? (asked++, await verifier.verify(question));
        if (!answer.valid) throw new Error(`A verification was answered ${answer.code}.`);
      }
      decided += PIECE;
      // As in a real service, messages arrive in between.
      await turn();
    }
    const { user, system } = process.cpuUsage(cpu);
    // The first round warms up.
    if (round > 0) perCore.push(decided / ((user + system) / 1e6));
  }
  return {
    id: 'c',
    name: 'local verifications a second and core, every check on',
    figure: median(perCore),
    wanted: { atLeast: 300_000 },
    raw: [
      `${ROUNDS} rounds of ${seconds} s: ${perCore.map((value) => value.toFixed(0)).join(' ')}; ${asked} had to wait for a lease`,
    ],
  };
}

/** Row d: time from sending a revocation until the local verifier rejects the key. */
export async function revocationRow(closing: Closing, installation: Installation): Promise<Row> {
  const verifier = await startVerifier(closing, installation);
  const { bearer, keys } = await makeKeys(installation.url, REVOCATIONS);
  const took: number[] = [];
  for (const key of keys) {
    const question = questionOf(key);
    if (!(await verifier.verify(question)).valid) throw new Error('A key for the bench does not verify.');
    const startMs = performance.now();
    const revoked = request(
      installation.url,
      'mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { id } } }',
      { id: key.id },
      { bearer },
    );
    while ((await verifier.verify(question)).valid) {
      if (performance.now() - startMs > GIVES_UP_MS) throw new Error('A revocation never arrived.');
      await turn();
    }
    took.push(performance.now() - startMs);
    await revoked;
  }
  took.sort((a, b) => a - b);
  const at = (part: number): number => took[Math.ceil(part * took.length) - 1]! / 1000;
  return {
    id: 'd',
    name: 'local verifier: p99 from revocation to refusal',
    figure: at(0.99),
    unit: ' s',
    wanted: { atMost: 1 },
    raw: [`${REVOCATIONS} revocations: p50 ${at(0.5).toFixed(3)} s, longest ${at(1).toFixed(3)} s`],
  };
}
