import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The operating system account that PostgreSQL runs as. */
interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** A program with its arguments and the ids to start it with. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

/** Starts PostgreSQL's programs as an account that PostgreSQL accepts. */
export interface PostgresRunner {
  /** The ids that must own PostgreSQL's directories; undefined for those of this process. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  command(file: string, args: readonly string[]): Command;
}

/** The environment of PostgreSQL's programs: an allow list, so that they never see passwords among the settings. */
export function postgresEnvironment(): Record<string, string> {
  const kept = ['PATH', 'TZ', 'TMPDIR', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'SystemRoot'];
  return Object.fromEntries(
    kept.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

async function lookUp(name: string): Promise<Account | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { name, uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

async function findAccount(): Promise<Account> {
  const existing = await lookUp('postgres');
  if (existing) return existing;
  await run('useradd', ['--system', '--no-create-home', '--user-group', 'postgres']).catch(() => undefined);
  return (
    (await lookUp('postgres')) ?? (await lookUp('nobody')) ?? { name: 'nobody', uid: 65_534, gid: 65_534 }
  );
}

const succeeds = (file: string, args: readonly string[], ids: object = {}): Promise<boolean> =>
  run(file, args, { ...ids, cwd: '/' }).then(
    () => true,
    () => false,
  );

/**
 * PostgreSQL refuses to run as root. Under root it runs as `postgres`, which is created if missing, or else as `nobody`. If
 * that account cannot reach one of the paths (a checkout below /root, or a data directory that only root can enter), `setpriv`
 * gives it the single capability to traverse directories.
 * @param paths Programs that the account must be able to run and directories that it must be able to enter.
 */
export async function postgresRunner(paths: readonly string[]): Promise<PostgresRunner> {
  if (process.getuid?.() !== 0) return { owner: undefined, command: (file, args) => ({ file, args }) };
  const { name, uid, gid } = await findAccount();
  const ids = { uid, gid };
  // For programs and directories alike: this also tests every directory above them.
  const reachesAll = async (
    command: (file: string, args: readonly string[]) => Command,
  ): Promise<boolean> => {
    const reached = paths.map((path) => {
      const { file, args, ...as } = command('test', ['-x', path]);
      return succeeds(file, args, as);
    });
    return (await Promise.all(reached)).every(Boolean);
  };
  const plain = (file: string, args: readonly string[]): Command => ({ file, args, ...ids });
  if (await reachesAll(plain)) return { owner: ids, command: plain };
  for (const capability of ['+dac_read_search', '+dac_override']) {
    const setpriv = ['--reuid', name, '--regid', String(gid), '--clear-groups'];
    // Without this bit, access(2), which initdb calls, would ignore the capability.
    setpriv.push('--securebits', '+no_setuid_fixup', '--inh-caps', capability, '--ambient-caps', capability);
    const capable = (file: string, args: readonly string[]): Command => ({
      file: 'setpriv',
      args: [...setpriv, file, ...args],
    });
    if (await reachesAll(capable)) return { owner: ids, command: capable };
  }
  return { owner: ids, command: plain };
}
