import { expect, test } from 'vitest';
import { OPERATIONS, ROUTES, routeKey } from './contract.js';
import { OPERATION_RULES, ROUTE_RULES } from './rules.js';

test('there is a rule for every query, mutation and subscription, and no other', () => {
  expect(Object.keys(OPERATION_RULES).sort()).toEqual(OPERATIONS);
});

test('there is a rule for every route, and no other', () => {
  expect(Object.keys(ROUTE_RULES).sort()).toEqual([...new Set(ROUTES.map(routeKey))].sort());
});
