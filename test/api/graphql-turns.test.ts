import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKey, signIn } from '../support/peers/client.js';
import { codes, graphql } from '../support/peers/graphql.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';

const LISTS = 16;
const KEYS = 100;
/** Min answers to a neighbor meanwhile; queued after all lists, it would get one or two. */
const MIN_ANSWERS = 8;
const LIST = `{ apiKeys(first: 100) { nodes { id name permissions grants { permissions scope { id } } rateLimits { name }
  auditEvents(first: 20) { nodes { id action actor { name } } } requestLogs(first: 20) { nodes { id } } } } }`;
const LOG = '{ requestLogs(first: 1) { nodes { id } } }';

let keywright: Keywright;
let bearer: string;
let reader: string;
let neighbor: string;
beforeAll(async () => {
  keywright = await startKeywright();
  const { url } = keywright;
  bearer = await signIn(url);
  const permissions = ['keywright.keys.read', 'keywright.audit.read', 'keywright.logs.read'];
  for (let i = 2; i < KEYS; i++) await createKey(url, { bearer });
  reader = (await createKey(url, { bearer }, { permissions })).secret;
  neighbor = (await createKey(url, { bearer }, { permissions })).secret;
}, 120_000);
afterAll(() => keywright.stop());

test('sixteen large lists of one caller run one after another, and other calls run in between', async () => {
  const { url } = keywright;
  expect((await graphql(url, LIST, {}, { apiKey: reader })).errors).toEqual([]);
  const done: string[] = [];
  const lists = Array.from({ length: LISTS }, async () => {
    const answer = await graphql(url, LIST, {}, { apiKey: reader });
    done.push(codes(answer).join());
    return answer;
  });
  let answered = 0;
  while (done.length < LISTS) {
    expect((await graphql(url, LOG, {}, { apiKey: neighbor })).errors).toEqual([]);
    answered += 1;
  }
  expect(answered).toBeGreaterThanOrEqual(MIN_ANSWERS);
  // Each was answered or told when to retry.
  const answers = await Promise.all(lists);
  expect(codes(answers[0]!)).toEqual([]);
  for (const answer of answers) {
    expect(['200 ', '429 TOO_MANY_ATTEMPTS']).toContain(`${answer.status} ${codes(answer).join()}`);
  }
}, 120_000);
