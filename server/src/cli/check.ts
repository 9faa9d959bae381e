import { describeConnection } from '../database/connection.js';
import { InstallationKeyIds } from '../database/key-ids.js';
import { compareMigrations, connectDatabase } from '../database/open-database.js';
import { checkNotifications, checkRedis, checkServer } from './check-connections.js';
import { checkAudit, checkClock, checkHolds, checkMasterKey, checkPeppers, checkSealed } from './checks.js';
import type { Command } from './command.js';
import { explain } from './fault.js';
import { fine, wrong, type Finding } from './finding.js';

/** Checks everything that can be wrong with an installation and reports the findings. Changes nothing. */
export const check: Command = async ({ workspace, terminal }) => {
  let allGood = true;
  const report = ({ good, sentence }: Finding): void => {
    allGood &&= good;
    if (good) terminal.print(sentence);
    else terminal.printError(sentence);
  };
  const { dataSource, connection, config } = workspace;
  await connectDatabase(dataSource, connection);
  report(fine(`The database ${describeConnection(connection)} is reachable.`));
  for (const found of await checkServer(dataSource)) report(found);
  if (!allGood) return false;
  const { pending, downgradeFault } = await compareMigrations(dataSource);
  if (downgradeFault !== null) report(wrong(downgradeFault));
  else if (pending.length > 0) report(wrong('The database is not up to date. Run keywright migrate.'));
  // The other checks need the current schema.
  if (!allGood) return false;
  report(fine('The database is up to date.'));

  const ids = new InstallationKeyIds(dataSource);
  await ids.refresh();
  const { secrets, finding } = await checkMasterKey(dataSource, config.masterKeyFile, ids);
  report(finding);
  const checks = [
    () => checkPeppers(dataSource, ids),
    ...(secrets ? [() => checkSealed(dataSource, secrets, ids)] : []),
    () => checkAudit(dataSource),
    () => checkHolds(dataSource),
    () => checkClock(dataSource),
    () => checkNotifications(dataSource, connection),
    () => checkRedis(config.redisUrl),
  ];
  for (const one of checks) {
    // A check that fails does not prevent the others.
    const findings = await one().catch((error: unknown) => [wrong(explain(error))]);
    for (const found of findings) report(found);
  }
  if (allGood) terminal.print('No problems found.');
  return allGood;
};
