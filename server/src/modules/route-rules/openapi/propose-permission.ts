import { MAX_NAME_LENGTH } from '@keywright/schema/question-limits';

/** Text as a part of a permission name: `listOpen-Orders` becomes `list_open_orders`; empty if nothing remains. */
const named = (text: string): string =>
  text
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^[_0-9]+|_+$/g, '')
    .slice(0, MAX_NAME_LENGTH - '.write'.length);

/** What identifies an operation. */
export interface ProposalSource {
  readonly reads: boolean;
  readonly tag: string;
  readonly operationId: string;
  /** The last literal segment of its path. */
  readonly noun: string;
}

/** A permission that an operation could require, from its first tag, else its operationId, else its path. */
export function proposePermission({ reads, tag, operationId, noun }: ProposalSource): string {
  const verb = reads ? 'read' : 'write';
  if (named(tag)) return `${named(tag)}.${verb}`;
  return named(operationId) || `${named(noun) || 'api'}.${verb}`;
}
