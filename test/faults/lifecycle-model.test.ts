import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KeyModel, type KeyState } from '../support/seed/key-model.js';
import { KeyWorld } from '../support/seed/key-world.js';
import { LONGER } from '../support/property-runs.js';

const RUNS = 4 * LONGER;
const COMMANDS = 25;
const MAX_KEYS = 6;
const HOUR_MS = 3_600_000;

let world: KeyWorld;

beforeAll(async () => {
  world = await KeyWorld.start();
});
afterAll(() => world.stop());

/** Model for choosing commands; the world holds the keys themselves. */
interface Outline {
  keys: number;
  partitioned: boolean;
  /** Once per run, as it takes long. */
  outlasted: boolean;
}
type Command = fc.AsyncCommand<Outline, KeyWorld>;

/** One step, followed by a verification of every secret, past and present. */
function step(
  name: string,
  run: (world: KeyWorld, outline: Outline) => Promise<void>,
  check: (outline: Readonly<Outline>) => boolean = () => true,
): Command {
  return {
    check,
    toString: () => name,
    async run(outline, world) {
      await run(world, outline);
      await world.verifyAll();
    },
  };
}

/** Whether a key has expired; waits for one about to expire, so that the answer is definite. */
async function hasExpired({ now: { expiresAtMs } }: KeyModel): Promise<boolean> {
  if (expiresAtMs === null) return false;
  const leftMs = expiresAtMs - Date.now();
  if (leftMs > 5000) return false;
  await sleep(Math.max(0, leftMs) + 50);
  return true;
}

/** A change of one key; rejected once the key is revoked and, for some changes, once it has expired. */
function change(
  which: number,
  name: string,
  [field, declared]: readonly [string, string],
  variables: (key: KeyModel) => Record<string, unknown>,
  follow: (key: KeyModel, answer: Parameters<Parameters<KeyWorld['change']>[3]>[0]) => void,
  expiredToo = true,
): Command {
  const run = async (world: KeyWorld): Promise<void> => {
    const key = world.keys[which % world.keys.length]!;
    const values = variables(key);
    if (key.now.revoked) return world.refuse(field, values, declared);
    if (!expiredToo && (await hasExpired(key)))
      return world.refuse(field, values, declared, 'BAD_USER_INPUT');
    await world.change(field, values, declared, (answer) => follow(key, answer));
  };
  return step(`${name}(${which})`, run, ({ keys }) => keys > 0);
}

const soon = (): number => Date.now() + 900;
const updating = ['updateApiKey(input: $input)', '$input: UpdateApiKeyInput!'] as const;

function moveExpiry(which: number, name: string, to: () => number | null): Command {
  let expiresAtMs: number | null = null;
  const variables = ({ id }: KeyModel): Record<string, unknown> => {
    expiresAtMs = to();
    return { input: { id, expiresAt: expiresAtMs === null ? null : new Date(expiresAtMs).toISOString() } };
  };
  return change(which, name, updating, variables, (key) => key.change({ expiresAtMs }));
}

function regenerate(which: number, overlapSeconds: number): Command {
  return change(
    which,
    `regenerate for ${overlapSeconds} s`,
    ['regenerateApiKey(id: $id, overlapSeconds: $overlapSeconds)', '$id: ID!, $overlapSeconds: Int!'],
    ({ id }) => ({ id, overlapSeconds }),
    (key, { apiKey: { overlapEndsAt }, secret }) => {
      const previous =
        overlapEndsAt === null ? null : { secret: key.now.secret, endsAtMs: Date.parse(overlapEndsAt) };
      key.change({ secret: secret!.secret, previous });
    },
    false,
  );
}

function create(lasts: boolean): Command {
  const run = async (world: KeyWorld, outline: Outline): Promise<void> => {
    const expiresAtMs = lasts ? null : soon();
    const expiresAt = expiresAtMs === null ? null : new Date(expiresAtMs).toISOString();
    const input = { name: KeyWorld.newName(), permissions: ['*'], expiresAt };
    await world.change('createApiKey(input: $input)', { input }, '$input: CreateApiKeyInput!', (answer) =>
      world.keys.push(new KeyModel(answer.apiKey.id, answer.secret!.secret, expiresAtMs)),
    );
    outline.keys++;
  };
  return step(lasts ? 'create' : 'create briefly', run, ({ keys }) => keys < MAX_KEYS);
}

const restart = (signal: 'SIGTERM' | 'SIGKILL'): Command =>
  step(signal, async (world, outline) => {
    await world.restart(signal);
    outline.partitioned = false;
  });
const cut = (): Command =>
  step(
    'cut',
    async (world, outline) => {
      await world.cut();
      outline.partitioned = true;
    },
    ({ partitioned }) => !partitioned,
  );
const mend = (): Command =>
  step(
    'mend',
    async (world, outline) => {
      await world.mend();
      outline.partitioned = false;
    },
    ({ partitioned }) => partitioned,
  );
const outlast = (): Command =>
  step(
    'outlast',
    async (world, outline) => {
      await world.outlast();
      outline.outlasted = true;
    },
    ({ partitioned, outlasted }) => partitioned && !outlasted,
  );
const pause = (): Command => step('pause', () => sleep(1000));

const simple = (which: number, mutation: string, to: Partial<KeyState>): Command =>
  change(
    which,
    mutation,
    [`${mutation}(id: $id)`, '$id: ID!'],
    ({ id }) => ({ id }),
    (key) => key.change(to),
  );
const enable = (which: number): Command => simple(which, 'enableApiKey', { enabled: true });
const disable = (which: number): Command => simple(which, 'disableApiKey', { enabled: false });
const revoke = (which: number): Command => simple(which, 'revokeApiKey', { revoked: true, previous: null });
const toggle = (which: number): Command =>
  change(
    which,
    'toggle',
    updating,
    ({ id, now }) => ({ input: { id, enabled: !now.enabled } }),
    (key) => key.change({ enabled: !key.now.enabled }),
  );

const which = fc.nat(MAX_KEYS - 1);
const always = (make: () => Command) => fc.constant(null).map(make);
const COMMAND = fc.oneof(
  { weight: 5, arbitrary: fc.boolean().map(create) },
  { weight: 6, arbitrary: which.map(toggle) },
  { weight: 1, arbitrary: which.map(disable) },
  { weight: 1, arbitrary: which.map(enable) },
  { weight: 2, arbitrary: which.map((key) => moveExpiry(key, 'expire', soon)) },
  { weight: 3, arbitrary: which.map((key) => moveExpiry(key, 'extend', () => Date.now() + HOUR_MS)) },
  { weight: 1, arbitrary: which.map((key) => moveExpiry(key, 'expire never', () => null)) },
  { weight: 3, arbitrary: fc.tuple(which, fc.constantFrom(0, 1, 3600)).map((of) => regenerate(...of)) },
  { weight: 1, arbitrary: which.map(revoke) },
  { weight: 2, arbitrary: always(cut) },
  { weight: 5, arbitrary: always(mend) },
  { weight: 1, arbitrary: always(outlast) },
  { weight: 1, arbitrary: fc.constantFrom('SIGTERM' as const, 'SIGKILL' as const).map(restart) },
  { weight: 2, arbitrary: always(pause) },
);

test('whatever happens to keys, the verifying process and its connection to the database, the model allows each answer', async () => {
  const property = fc.asyncProperty(
    fc.array(COMMAND, { minLength: COMMANDS, maxLength: COMMANDS }),
    async (commands) => {
      await world.mend();
      world.keys = [];
      const outline = { keys: 0, partitioned: false, outlasted: false };
      await fc.asyncModelRun(() => ({ model: outline, real: world }), [create(true), ...commands]);
    },
  );
  // A failure prints the seed and the commands; shrinking would take too long.
  await fc.assert(property, { numRuns: RUNS, endOnFailure: true });
  const { verifications, shed, confirmedAtOnce, confirmedLater } = world.figures;
  console.log(
    `${verifications} verifications, ${shed} of them shed; ${confirmedAtOnce} changes confirmed with the answer, ${confirmedLater} later`,
  );
  expect(verifications).toBeGreaterThan(RUNS * COMMANDS);
  expect(confirmedAtOnce).toBeGreaterThan(RUNS);
});
