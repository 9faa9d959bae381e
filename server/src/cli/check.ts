import { describeConnection } from '../database/connection.js';
import { InstallationKeyIds } from '../database/key-ids.js';
import { compareMigrations, connectDatabase } from '../database/open-database.js';
import { checkHearing, checkRedis, checkServer } from './check-connections.js';
import { checkAudit, checkClock, checkHolds, checkMasterKey, checkPeppers, checkSealed } from './checks.js';
import type { Command } from './command.js';
import { explain } from './fault.js';
import { fine, wrong, type Finding } from './finding.js';

/** Looks at everything that can be wrong with an installation, and says what it found. Changes nothing. */
export const check: Command = async ({ workspace, terminal }) => {
  let whole = true;
  const tell = ({ good, sentence }: Finding): void => {
    whole &&= good;
    if (good) terminal.say(sentence);
    else terminal.complain(sentence);
  };
  const { dataSource, connection, config } = workspace;
  await connectDatabase(dataSource, connection);
  tell(fine(`The database ${describeConnection(connection)} can be reached.`));
  for (const found of await checkServer(dataSource)) tell(found);
  if (!whole) return false;
  const { pending, downgradeFault } = await compareMigrations(dataSource);
  if (downgradeFault !== null) tell(wrong(downgradeFault));
  else if (pending.length > 0) tell(wrong('The database is not up to date. Run keywright migrate.'));
  // What the rest asks for is not there yet, or not there any more.
  if (!whole) return false;
  tell(fine('The database is up to date.'));

  const ids = new InstallationKeyIds(dataSource);
  await ids.refresh();
  const { secrets, finding } = await checkMasterKey(dataSource, config.masterKeyFile, ids);
  tell(finding);
  const checks = [
    () => checkPeppers(dataSource, ids),
    ...(secrets ? [() => checkSealed(dataSource, secrets, ids)] : []),
    () => checkAudit(dataSource),
    () => checkHolds(dataSource),
    () => checkClock(dataSource),
    () => checkHearing(dataSource, connection),
    () => checkRedis(config.redisUrl),
  ];
  for (const one of checks) {
    // One that cannot be made does not keep the others from being made.
    const findings = await one().catch((error: unknown) => [wrong(explain(error))]);
    for (const found of findings) tell(found);
  }
  if (whole) terminal.say('Everything is in order.');
  return whole;
};
