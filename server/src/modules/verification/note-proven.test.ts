import { beforeEach, expect, it } from 'vitest';
import { directoryOf } from '../access/decide/access.fixture.js';
import { DigestUpgrades } from '../keys/digest-upgrade.js';
import { digestToken, mintToken, type ParsedToken } from '../keys/token.js';
import { NO_SECRETS, keyRecord, type KeyChanges } from '../replica/indexed-key.fixture.js';
import { KeyIndex } from '../replica/key-index.js';
import { noteProven } from './note-proven.js';
import { Prover, type Proof } from './proof.js';

const NOW = Date.UTC(2026, 10, 24);
const pepperOf = (id: number): Buffer => Buffer.alloc(32, id);
const peppers = { get: pepperOf };
const current = mintToken('kw', 'PRODUCTION');
const older = mintToken('kw', 'PRODUCTION');

const digestOf = (pepperId: number, { token }: ParsedToken): string =>
  digestToken(pepperOf(pepperId), token).toString('latin1');

const record = (over: KeyChanges = {}): ReturnType<typeof keyRecord> =>
  keyRecord({
    publicPart: current.publicPart,
    digest: digestOf(2, current),
    pepperId: 2,
    previous: {
      publicPart: older.publicPart,
      digest: digestOf(1, older),
      pepperId: 1,
      endsAtMs: NOW + 1000,
    },
    ...over,
  });

let index: KeyIndex;
const proofOf = (token: ParsedToken): Proof | undefined =>
  new Prover(index, peppers, NO_SECRETS).prove(token, NOW);
beforeEach(() => {
  index = new KeyIndex(directoryOf());
});

it('proves the current and the previous secret, each under its stored pepper', () => {
  index.apply(record());
  expect(proofOf(current)).toMatchObject({ usedPreviousSecret: false });
  expect(proofOf(older)).toMatchObject({ usedPreviousSecret: true });
  index.apply(record({ pepperId: 1, version: 2 }));
  expect(proofOf(current)).toBeUndefined();
  expect(proofOf(older)).toMatchObject({ usedPreviousSecret: true });
});

it('records a key that proved its current secret', () => {
  index.apply(record());
  const upgrades = new DigestUpgrades(peppers, { pepperId: 3 });
  noteProven(upgrades)(proofOf(current)!, current.token);
  expect(upgrades.next(1)).toMatchObject([
    {
      apiKeyId: 'key_1',
      pepperId: 3,
      digest: digestToken(pepperOf(3), current.token),
      before: { pepperId: 2 },
    },
  ]);
});

it('ignores revoked keys and previous secrets', () => {
  const upgrades = new DigestUpgrades(peppers, { pepperId: 3 });
  index.apply(record());
  noteProven(upgrades)(proofOf(older)!, older.token);
  index.apply(
    record({
      version: 2,
      revoked: true,
      previous: null,
      digest: digestOf(2, current).slice(0, 16),
    }),
  );
  noteProven(upgrades)(proofOf(current)!, current.token);
  expect(upgrades.size).toBe(0);
});
