import { MAX_PERMISSION_LENGTH } from '../../access/permission.js';

/** Text as a part of a permission's name: `listOpen-Orders` becomes `list_open_orders`; empty when nothing is left. */
const named = (text: string): string =>
  text
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^[_0-9]+|_+$/g, '')
    .slice(0, MAX_PERMISSION_LENGTH - '.write'.length);

/** What an operation is known by. */
export interface ProposalSource {
  readonly reads: boolean;
  readonly tag: string;
  readonly operationId: string;
  /** The last segment of its path that is written out. */
  readonly noun: string;
}

/** A permission that an operation could ask for, by its first tag, else its operationId, else its path. */
export function proposePermission({ reads, tag, operationId, noun }: ProposalSource): string {
  const verb = reads ? 'read' : 'write';
  if (named(tag)) return `${named(tag)}.${verb}`;
  return named(operationId) || `${named(noun) || 'api'}.${verb}`;
}
