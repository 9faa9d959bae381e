import { defineDialogs } from '../../composables/define-dialogs.js';

/** The dialogs of route rules. */
export const ruleDialogs = defineDialogs({
  form: () => import('./Form.vue'),
  delete: () => import('./DeleteDialog.vue'),
  import: () => import('./import/ImportDialog.vue'),
});
