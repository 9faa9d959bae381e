/** What the form of an entry of the catalogue holds. */
export interface PermissionDraft {
  name: string;
  label: string;
  group: string;
  description: string;
}

const NAME = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/;
const LONGEST_NAME = 100;
const RESERVED = 'keywright.';

function nameProblem(name: string, taken: ReadonlySet<string>): string | null {
  if (!name) return 'Enter the name that your API asks for.';
  if (name.length > LONGEST_NAME) return `Use at most ${LONGEST_NAME} characters.`;
  if (!NAME.test(name)) return 'Use small letters, digits and underscores, with dots between parts.';
  if (name.startsWith(RESERVED)) return 'Names that begin with keywright. belong to Keywright itself.';
  return taken.has(name) ? 'There is a permission of this name already.' : null;
}

/** What is wrong with a form before it is sent; `taken` holds the names that a new entry cannot have. */
export function checkPermission(draft: PermissionDraft, taken: ReadonlySet<string>) {
  return {
    name: nameProblem(draft.name.trim(), taken),
    label: draft.label.trim() ? null : 'Enter what people read.',
    group: draft.group.trim() ? null : 'Choose a group, or enter a new one.',
    description: null,
  };
}
