import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { createKey, verify, type CreatedKey, type VerifyBody } from '../support/peers/client.js';
import { request } from '../support/peers/graphql.js';
import {
  NONCES_KNOWN_AFTER_MS,
  signByExpiry,
  signByTimestamp,
  signMessage,
  type SignedCall,
} from '../support/peers/signers.js';
import { ownCustomer, type OwnCustomer } from '../support/seed/own-customer.js';

let keywright: OwnCustomer;
let bearer: string;
let gateway: CreatedKey;

beforeAll(async () => {
  keywright = await ownCustomer();
  ({ bearer } = keywright);
  gateway = await createKey(keywright.url, { bearer }, { permissions: ['keywright.verify'] });
  await sleep(NONCES_KNOWN_AFTER_MS);
});

const host = 'api.example.test';
const PROFILES: readonly ((signer: { id: string; secret: string }) => SignedCall)[] = [
  (signer) => signByTimestamp(signer, '/x'),
  (signer) => signByExpiry(signer, '/x'),
  (signer) => signMessage(signer, '/x?y=z', { authority: host }),
];

/** The verdict without the fields that differ between keys or requests. */
const comparable = ({ code, status, permissions, scopes }: VerifyBody) => ({
  code,
  status,
  permissions,
  scopes,
});

const ask = async (body: Record<string, unknown>): Promise<unknown> =>
  comparable((await verify(keywright.url, gateway.secret, body)).body);

test('for every permission, bearer and signed keys with the same grants get the same verdicts', async () => {
  const { permissions } = await request<{ permissions: { name: string }[] }>(
    keywright.url,
    '{ permissions { name } }',
    {},
    { bearer },
  );
  const names = permissions.map(({ name }) => name);
  expect(names.length).toBeGreaterThan(20);
  for (const [i, name] of names.entries()) {
    const grants = { permissions: [name] };
    const shown = await createKey(keywright.url, { bearer }, grants);
    const signs = await createKey(
      keywright.url,
      { bearer },
      { ...grants, kind: 'SIGNED', signatureProfiles: ['TIMESTAMP', 'EXPIRY', 'RFC9421'] },
    );
    // A permission it has, one it lacks, and none in particular.
    for (const permission of [name, names[(i + 1) % names.length]!, 'no.such.permission', undefined]) {
      const asked = permission === undefined ? {} : { permission };
      const expected = await ask({ key: shown.secret, ...asked });
      for (const sign of PROFILES) {
        const { path, headers } = sign({ id: signs.id, secret: signs.secret });
        const signed = { method: 'GET', url: path, headers: { host, ...headers } };
        expect(await ask({ request: signed, ...asked }), `${name}, asked for ${permission}`).toEqual(
          expected,
        );
      }
    }
  }
}, 120_000);
