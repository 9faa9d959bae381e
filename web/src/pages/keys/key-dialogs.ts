import { defineDialogs } from '../../composables/define-dialogs.js';

/** The dialogs of keys. */
export const keyDialogs = defineDialogs({
  create: () => import('./Form.vue'),
  edit: () => import('./EditForm.vue'),
  duplicate: () => import('./dialogs/DuplicateDialog.vue'),
  regenerate: () => import('./dialogs/RegenerateDialog.vue'),
  revoke: () => import('./dialogs/RevokeDialog.vue'),
  extend: () => import('./dialogs/ExtendDialog.vue'),
  reveal: () => import('./dialogs/RevealDialog.vue'),
});
