import { Command as Program } from 'commander';
import { VERSION } from '../config/version.js';
import type { GroupRoleRequest } from './bind-group-role.js';
import type { OwnerRequest } from './create-owner.js';
import type { Terminal } from './terminal.js';

/** Actions behind the commands; each returns whether all is well. */
export interface Actions {
  migrate(): Promise<boolean>;
  createOwner(owner: Omit<OwnerRequest, 'password'>, passwordOnStdin: boolean): Promise<boolean>;
  bindGroupRole(request: GroupRoleRequest): Promise<boolean>;
  check(): Promise<boolean>;
  rotatePepper(): Promise<boolean>;
  rotateEncryptionKey(): Promise<boolean>;
}

export interface ProgramDeps {
  readonly terminal: Terminal;
  /** Called when a command found something wrong. */
  foundFault(): void;
}

interface OwnerOptions {
  readonly email: string;
  readonly name: string;
  readonly passwordStdin?: true;
}

const sentence = (text: string): string => {
  const plain = text.replace(/^error: /, '').trim();
  return `${plain.charAt(0).toUpperCase()}${plain.slice(1)}${/[.)]$/.test(plain) ? '' : '.'} See keywright --help.`;
};

/** The commands with their options and help. On wrong usage, prints a sentence and throws commander's error. */
export function createProgram(load: () => Promise<Actions>, { terminal, foundFault }: ProgramDeps): Program {
  const act = async (action: (actions: Actions) => Promise<boolean>): Promise<void> => {
    if (!(await action(await load()))) foundFault();
  };
  const program = new Program('keywright')
    .description('Administers a Keywright installation. Reads the same settings as the server.')
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.printError(text.trimEnd()),
      outputError: (text, write) => write(sentence(text)),
    });
  program
    .command('migrate')
    .description('migrate the database to the current version')
    .action(() => act((actions) => actions.migrate()));
  program
    .command('create-owner')
    .description('create an owner, who has full access; prompts for the password')
    .requiredOption('--email <address>', 'e-mail address to sign in with')
    .requiredOption('--name <name>', 'name shown to others')
    .option('--password-stdin', 'read the password from standard input')
    .action(({ email, name, passwordStdin }: OwnerOptions) =>
      act((actions) => actions.createOwner({ email, name }, passwordStdin ?? false)),
    );
  program
    .command('bind-group-role')
    .description('bind a role name in OIDC_GROUP_ROLES to a role other than the one it first referred to')
    .requiredOption('--name <name>', 'name in OIDC_GROUP_ROLES')
    .requiredOption('--role <id>', 'ID of the role, such as rol_…')
    .action(({ name, role }: { readonly name: string; readonly role: string }) =>
      act((actions) => actions.bindGroupRole({ name, roleId: role })),
    );
  program
    .command('check')
    .description('check the database, the master key and everything that depends on them; changes nothing')
    .action(() => act((actions) => actions.check()));
  const rotate = program.command('rotate').description('start using a new secret while servers keep running');
  rotate
    .command('pepper')
    .description('the secret behind the digests of API keys; each key moves when it is next used')
    .action(() => act((actions) => actions.rotatePepper()));
  rotate
    .command('encryption-key')
    .description('the key that seals stored secrets; all of them are resealed')
    .action(() => act((actions) => actions.rotateEncryptionKey()));
  return program;
}
