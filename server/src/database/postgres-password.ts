import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { open, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StartError } from '../config/start-error.js';

const PASSWORD_BYTES = 32;
const SALT_BYTES = 16;
const ITERATIONS = 4096;
/** One line of a libpq password file, so that `PGPASSFILE` can name this file. */
const LINE = /^\*:\*:\*:keywright:([\w-]{43})\n$/;
/** A `pg_hba.conf` rule that requires no password. */
const TRUST_RULE = /^([ \t]*(?:local|host\w*)[ \t][^#\n]*[ \t])"?trust"?([ \t]*(?:#.*)?)$/gm;

/** The owner of a written file. */
interface Owner {
  readonly uid: number;
  readonly gid: number;
}

const passwordFile = (dataDir: string): string => join(dataDir, 'postgres.pgpass');

/** Replaces a file atomically, with mode 0600: after a crash it has either the old or the new content. */
async function replaceFile(path: string, content: string, owner: Owner | undefined): Promise<void> {
  const fresh = `${path}.new`;
  await rm(fresh, { force: true });
  const file = await open(fresh, 'wx', 0o600);
  try {
    await file.writeFile(content);
    if (owner) await file.chown(owner.uid, owner.gid);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
  await syncDirectory(dirname(path));
}

async function syncDirectory(path: string): Promise<void> {
  let directory: FileHandle | undefined;
  try {
    directory = await open(path, 'r');
    await directory.sync();
  } catch {
    // Some file systems cannot sync directories; a file lost in a crash is created again.
  } finally {
    await directory?.close();
  }
}

/** The password of the embedded PostgreSQL; undefined if there is none yet. Error: {@link StartError} if it cannot be read. */
export async function readPassword(dataDir: string): Promise<string | undefined> {
  const path = passwordFile(dataDir);
  try {
    return LINE.exec(await readFile(path, 'utf8'))?.[1];
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new StartError(`The database password in ${path} cannot be read: ${(cause as Error).message}.`, {
      cause,
    });
  }
}

/** Reads or generates the password of the embedded PostgreSQL. The owner of the data directory owns the file. */
export async function ensurePassword(
  dataDir: string,
): Promise<{ readonly password: string; readonly isNew: boolean }> {
  const known = await readPassword(dataDir);
  const path = passwordFile(dataDir);
  try {
    const { uid, gid } = await stat(dataDir);
    const owner = process.getuid?.() === 0 ? { uid, gid } : undefined;
    const isOpen = known !== undefined && ((await stat(path)).mode & 0o077) !== 0;
    if (known !== undefined && !isOpen) return { password: known, isNew: false };
    // A password that others could read is replaced.
    const password = randomBytes(PASSWORD_BYTES).toString('base64url');
    await replaceFile(path, `*:*:*:keywright:${password}\n`, owner);
    return { password, isNew: true };
  } catch (cause) {
    throw new StartError(`The database password cannot be written to ${path}: ${(cause as Error).message}.`, {
      cause,
    });
  }
}

/** The form in which PostgreSQL stores a password (RFC 5803), so that no statement contains the password. */
export function scramVerifier(password: string, salt = randomBytes(SALT_BYTES)): string {
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256');
  const keyed = (name: string): Buffer => createHmac('sha256', salted).update(name).digest();
  const storedKey = createHash('sha256').update(keyed('Client Key')).digest('base64');
  const serverKey = keyed('Server Key').toString('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

/** Replaces `trust` by password authentication in `pg_hba.conf` rules; leaves all other rules unchanged. */
export const withPasswords = (rules: string): string => rules.replaceAll(TRUST_RULE, '$1scram-sha-256$2');

/** Makes a stopped PostgreSQL require passwords. Returns whether any rule required none before. */
export async function requirePasswords(directory: string, owner: Owner | undefined): Promise<boolean> {
  const path = join(directory, 'pg_hba.conf');
  const rules = await readFile(path, 'utf8');
  const strict = withPasswords(rules);
  if (strict === rules) return false;
  await replaceFile(path, strict, owner);
  return true;
}
