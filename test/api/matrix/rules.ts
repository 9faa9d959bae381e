import type { OperationRule, Rules } from './rule.js';
import { keyRules } from './rules/keys.js';
import { ownAccountRules } from './rules/own-account.js';
import { peopleRules } from './rules/people.js';
import { reportRules } from './rules/reports.js';
import { routeRuleRules } from './rules/route-rules.js';
import { routeRules } from './rules/routes.js';
import { sessionRules } from './rules/sessions.js';
import { treeRules } from './rules/tree.js';

/** The rule of each operation. */
export const OPERATION_RULES: Rules<OperationRule> = {
  ...keyRules,
  ...ownAccountRules,
  ...peopleRules,
  ...reportRules,
  ...routeRuleRules,
  ...sessionRules,
  ...treeRules,
};

/** The rule of each route. */
export const ROUTE_RULES = routeRules;
