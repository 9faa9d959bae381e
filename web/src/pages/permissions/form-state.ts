import { MAX_NAME, MAX_SHORT_DESCRIPTION } from '@keywright/schema/bounds';
import { excessOf, tooLong } from '../../lib/number.js';

/** Form data of a catalog entry. */
export interface PermissionDraft {
  name: string;
  label: string;
  group: string;
  description: string;
}

const NAME = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/;
const RESERVED = 'keywright.';

function nameProblem(name: string, taken: ReadonlySet<string>): string | null {
  if (!name) return 'Enter the name that your API asks for.';
  if (name.length > MAX_NAME) return tooLong(MAX_NAME);
  if (!NAME.test(name)) return 'Use lowercase letters, digits and underscores, with dots between parts.';
  if (name.startsWith(RESERVED)) return 'Names that begin with keywright. are reserved; choose another.';
  return taken.has(name) ? 'A permission with this name already exists; choose another.' : null;
}

const lineProblem = (text: string, missing: string): string | null =>
  text.trim() ? excessOf(text, MAX_NAME) : missing;

/** Validates the form before sending; `taken` holds the names in use. */
export function checkPermission(draft: PermissionDraft, taken: ReadonlySet<string>) {
  return {
    name: nameProblem(draft.name.trim(), taken),
    label: lineProblem(draft.label, 'Enter a label.'),
    group: lineProblem(draft.group, 'Choose a group, or enter a new one.'),
    description: excessOf(draft.description, MAX_SHORT_DESCRIPTION),
  };
}
