import type {
  OpenApiChoiceInput,
  OpenApiState,
  PreviewOpenApiQuery,
  RouteAccess,
} from '../../../gql/graphql.js';
import type { Look } from '../../../lib/labels.js';

/** An operation in the preview. */
export type Operation = PreviewOpenApiQuery['previewOpenApiImport']['operations'][number];

/** Display of the outcomes for an operation. */
export const STATE_LOOKS: Record<OpenApiState, Look> = {
  NEW: { label: 'New', icon: 'i-lucide-plus', color: 'success' },
  CHANGED: { label: 'Changed', icon: 'i-lucide-pencil', color: 'warning' },
  UNCHANGED: { label: 'Unchanged', icon: 'i-lucide-equal', color: 'neutral' },
  SKIPPED: { label: 'Left out', icon: 'i-lucide-minus', color: 'neutral' },
  REFUSED: { label: 'No rule', icon: 'i-lucide-ban', color: 'error' },
};

/** Field values that are not permissions. */
const OTHER: Record<string, Omit<OpenApiChoiceInput, 'operation'>> = {
  'leave-out': { include: false },
  ANY_KEY: { access: 'ANY_KEY' as RouteAccess },
  NOBODY: { access: 'NOBODY' as RouteAccess },
  ANYBODY: { access: 'ANYBODY' as RouteAccess },
};

/** The field value for an operation: a permission, or one of the special values. */
export function chosenFor({ state, access, permission }: Operation): string {
  if (state === 'SKIPPED' || !access) return 'leave-out';
  return permission ?? access;
}

/** Converts a field value to a choice. */
export const choiceOf = (operation: string, value: string): OpenApiChoiceInput => ({
  operation,
  ...(OTHER[value] ?? { permission: value }),
});

/** The number of operations that add or change a rule. */
export const countWritten = (operations: readonly Operation[]): number =>
  operations.filter(({ state }) => state === 'NEW' || state === 'CHANGED').length;
