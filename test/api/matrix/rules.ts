import { offers } from './contract.js';
import type { OperationRule, Rules } from './rule.js';
import { keyRules } from './rules/keys.js';
import { ownAccountRules } from './rules/own-account.js';
import { peopleRules } from './rules/people.js';
import { reportRules } from './rules/reports.js';
import { routeRules } from './rules/routes.js';
import { sessionRules } from './rules/sessions.js';
import { treeRules } from './rules/tree.js';

/** Those of the rules whose operation the contract has; for a part of it that is not whole. */
const offered = (rules: Rules<OperationRule>): Rules<OperationRule> =>
  Object.fromEntries(Object.entries(rules).filter(([operation]) => offers(operation)));

/** Who may do what: a rule for each operation. */
export const OPERATION_RULES: Rules<OperationRule> = {
  ...keyRules,
  ...reportRules,
  ...sessionRules,
  ...offered(ownAccountRules),
  ...offered(peopleRules),
  ...offered(treeRules),
};

/** Who may call what: a rule for each route. */
export const ROUTE_RULES = routeRules;
