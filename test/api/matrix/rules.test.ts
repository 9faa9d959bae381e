import { expect, test } from 'vitest';
import { OPERATIONS, ROUTES, routeKey } from './contract.js';
import { OPERATION_RULES, ROUTE_RULES } from './rules.js';

test('every query, mutation and subscription has a rule, and every rule an operation', () => {
  expect(Object.keys(OPERATION_RULES).sort()).toEqual(OPERATIONS);
});

test('every route has a rule, and every rule a route', () => {
  expect(Object.keys(ROUTE_RULES).sort()).toEqual([...new Set(ROUTES.map(routeKey))].sort());
});
