import type {
  OpenApiChoiceInput,
  OpenApiState,
  PreviewOpenApiQuery,
  RouteAccess,
} from '../../../gql/graphql.js';
import type { Look } from '../../../lib/labels.js';

/** An operation as the preview shows it. */
export type Operation = PreviewOpenApiQuery['previewOpenApiImport']['operations'][number];

/** The looks of what becomes of an operation. */
export const STATE_LOOKS: Record<OpenApiState, Look> = {
  NEW: { label: 'New', icon: 'i-lucide-plus', color: 'success' },
  CHANGED: { label: 'Changed', icon: 'i-lucide-pencil', color: 'warning' },
  UNCHANGED: { label: 'Unchanged', icon: 'i-lucide-equal', color: 'neutral' },
  SKIPPED: { label: 'Left out', icon: 'i-lucide-minus', color: 'neutral' },
  REFUSED: { label: 'No rule', icon: 'i-lucide-ban', color: 'error' },
};

/** The value of a choice that is no permission. */
const OTHER: Record<string, Omit<OpenApiChoiceInput, 'operation'>> = {
  'leave-out': { include: false },
  ANY_KEY: { access: 'ANY_KEY' as RouteAccess },
  NOBODY: { access: 'NOBODY' as RouteAccess },
  ANYBODY: { access: 'ANYBODY' as RouteAccess },
};

/** What is chosen for an operation, as a field has it: a permission, or one of the words for the rest. */
export function chosenFor({ state, access, permission }: Operation): string {
  if (state === 'SKIPPED' || !access) return 'leave-out';
  return permission ?? access;
}

/** The choice that a field's value stands for. */
export const choiceOf = (operation: string, value: string): OpenApiChoiceInput => ({
  operation,
  ...(OTHER[value] ?? { permission: value }),
});

/** How many operations become rules that are new or other than before. */
export const countWritten = (operations: readonly Operation[]): number =>
  operations.filter(({ state }) => state === 'NEW' || state === 'CHANGED').length;
