import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { signIn } from '../../support/peers/client.js';
import type { Credential } from '../../support/peers/graphql.js';
import { callersFor } from './callers.js';
import type { Caller } from './caller.js';
import { documentOf, OPERATIONS, ROUTES, routeKey } from './contract.js';
import { predict } from './predict.js';
import type { OperationRule, Rule } from './rule.js';
import { OPERATION_RULES, ROUTE_RULES } from './rules.js';
import { sendOperation, sendRoute, type Answer } from './send.js';
import { World } from './world.js';

let world: World;
const tried = { cells: 0, callers: new Set<string>() };
beforeAll(async () => {
  world = await World.start();
});
beforeEach(() => world.forgive());
afterAll(async () => {
  const rows = OPERATIONS.length + ROUTES.length;
  console.log(
    `Authorization matrix: ${OPERATIONS.length} operations and ${ROUTES.length} routes (${rows} rows), ${tried.callers.size} callers, ${tried.cells} cells.`,
  );
  await world.stop();
});

/** The expected result of a caller: the class of a rejection or, for authorized callers, success or the code in the rule. */
function expected(rule: Rule, caller: Caller): string {
  const outcome = predict(rule, caller);
  if (outcome === 'ALLOWED') return rule.gets ?? 'success';
  return outcome === 'NOT_FOUND' ? (rule.lost ?? outcome) : outcome;
}

/** Runs every caller concurrently and compares the results with the expected ones. */
async function tryAll(
  rule: Rule,
  callers: readonly Caller[],
  call: (caller: Caller) => Promise<Answer>,
): Promise<void> {
  const answers = await Promise.all(callers.map(async (caller) => [caller, await call(caller)] as const));
  tried.cells += callers.length;
  for (const { name } of callers) tried.callers.add(name);
  expect(
    Object.fromEntries(answers.map(([caller, answer]) => [caller.name, answer.code ?? 'success'])),
  ).toEqual(Object.fromEntries(callers.map((caller) => [caller.name, expected(rule, caller)])));
}

/** Makes the arguments of each call. Reads and rejected calls change nothing, so they share one set of objects. */
function argumentsFor(
  operation: string,
  rule: OperationRule,
): (caller: Caller) => ReturnType<OperationRule['variables']> {
  let shared: ReturnType<OperationRule['variables']> | undefined;
  return (caller) =>
    operation.startsWith('Mutation.') && predict(rule, caller) === 'ALLOWED'
      ? rule.variables(world, caller)
      : (shared ??= rule.variables(world, caller));
}

async function credentialFor(rule: OperationRule, { account, credential }: Caller): Promise<Credential> {
  return rule.endsSession && account ? { bearer: await signIn(world.url, account) } : credential;
}

describe('who can do what:', () => {
  test.each(OPERATIONS)('%s', async (operation) => {
    const rule = OPERATION_RULES[operation]!;
    const argumentsOf = argumentsFor(operation, rule);
    await tryAll(rule, await callersFor(world, rule), async (caller) => {
      const variables = await argumentsOf(caller);
      const document = rule.document ?? documentOf(operation, Object.keys(variables));
      return sendOperation(world.url, document, variables, await credentialFor(rule, caller));
    });
  });
});

describe('who can call what:', () => {
  test.each(ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const))(
    '%s',
    async (_, route) => {
      const rule = ROUTE_RULES[routeKey(route)]!;
      await tryAll(rule, await callersFor(world, rule, rule.environment), async (caller) =>
        sendRoute(world.url, route, await rule.body?.(world), caller.credential),
      );
    },
  );
});
