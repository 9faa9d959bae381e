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
    .description('Looks after a Keywright installation. It reads the same settings as the server.')
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.printError(text.trimEnd()),
      outputError: (text, write) => write(sentence(text)),
    });
  program
    .command('migrate')
    .description('brings the database up to date, and says what it did')
    .action(() => act((actions) => actions.migrate()));
  program
    .command('create-owner')
    .description('creates an owner, who may do everything; asks for the password')
    .requiredOption('--email <address>', 'e-mail address to sign in with')
    .requiredOption('--name <name>', 'name that others see')
    .option('--password-stdin', 'read the password from standard input')
    .action(({ email, name, passwordStdin }: OwnerOptions) =>
      act((actions) => actions.createOwner({ email, name }, passwordStdin ?? false)),
    );
  program
    .command('bind-group-role')
    .description(
      'binds a role name in OIDC_GROUP_ROLES to a role, in place of the one it was first seen with',
    )
    .requiredOption('--name <name>', 'name in OIDC_GROUP_ROLES')
    .requiredOption('--role <id>', 'id of the role, such as rol_…')
    .action(({ name, role }: { readonly name: string; readonly role: string }) =>
      act((actions) => actions.bindGroupRole({ name, roleId: role })),
    );
  program
    .command('check')
    .description('looks at the database, the master key and everything that depends on them; changes nothing')
    .action(() => act((actions) => actions.check()));
  const rotate = program
    .command('rotate')
    .description('puts a new secret in use, while servers go on running');
  rotate
    .command('pepper')
    .description('the key of the digests of API keys; each key moves when it is next used')
    .action(() => act((actions) => actions.rotatePepper()));
  rotate
    .command('encryption-key')
    .description('the key that secrets are sealed with; everything is sealed anew')
    .action(() => act((actions) => actions.rotateEncryptionKey()));
  return program;
}
