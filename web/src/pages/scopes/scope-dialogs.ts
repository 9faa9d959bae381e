import { defineDialogs } from '../../composables/define-dialogs.js';

/** The dialogs of scopes. */
export const scopeDialogs = defineDialogs({
  form: () => import('./dialogs/ScopeForm.vue'),
  move: () => import('./dialogs/MoveDialog.vue'),
});
