import { readFileSync } from 'node:fs';
import { EVENT_TYPES, EVENTS } from '@keywright/schema/event-types';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { accessCases } from './access.js';
import { installationCases } from './installation.js';
import { keyCases } from './keys.js';
import { userCases } from './people.js';
import { mutationsOfContract, World, type Case, type Cases } from './world.js';

vi.setConfig({ testTimeout: 60_000 });

const CASES: Cases = { ...keyCases, ...accessCases, ...userCases, ...installationCases };

/** Mutations without a case. */
const WITHOUT_EVENT = {
  explainSignature: 'changes nothing',
  savePreferences: 'is personal',
  verifyApiKey: 'changes nothing but usage',
  requestPasswordReset: 'needs a mail server: see passwords.test.ts',
  setUpOwner: 'needs a new installation: see set-up.test.ts',
};

let world: World;
beforeAll(async () => {
  world = await World.start();
}, 120_000);
afterAll(() => world.stop());

const rows = EVENT_TYPES.flatMap((type) =>
  (CASES[type] as readonly Case<typeof type>[]).map(({ cause, payload }, i) => ({
    name: `${type} ${i + 1}`,
    type,
    cause,
    payload,
  })),
);

describe('the event', () => {
  test.each(rows)('$name is recorded with its payload when triggered', async ({ type, cause, payload }) => {
    const before = await world.lastSeq();
    const subject = await cause(world);
    const found = (await world.eventsAfter(before)).filter(({ action }) => action === type);
    expect(found.length).toBeGreaterThan(0);
    expect(found.at(-1)).toMatchObject({ target_id: subject });
    expect(found.at(-1)!.changes).toEqual(payload);
  });
});

test('every mutation of the contract triggers an event above, or is listed as triggering none', () => {
  const unsent = mutationsOfContract().filter((name) => !world.sent.has(name));
  expect(unsent.sort()).toEqual(Object.keys(WITHOUT_EVENT).sort());
});

test('no event reports more than a hash, and none a secret', async () => {
  const [found] = await world.query<{ text: string }>(
    `select string_agg(changes::text, ' ') as text from audit_event`,
  );
  expect(found!.text).not.toMatch(/kw_[a-z]+_|#token=|argon2|whsec_/);
});

test('types are lowercase words with one dot, and the document lists each with its description', () => {
  for (const type of EVENT_TYPES) expect(type).toMatch(/^[a-z_]+\.[a-z_]+$/);
  const document = readFileSync(new URL('../../../server/docs/events.md', import.meta.url), 'utf8');
  const listed = [...document.matchAll(/^\| `([a-z_]+\.[a-z_]+)` +\| (.*?) +\|$/gm)].map(([, type, text]) => [
    type,
    text,
  ]);
  expect(listed).toEqual(Object.entries(EVENTS));
});
