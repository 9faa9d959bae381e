import { defineDialogs } from '../../composables/define-dialogs.js';

/** The dialogs of service accounts. */
export const accountDialogs = defineDialogs({
  create: () => import('./Form.vue'),
  edit: () => import('./EditAccount.vue'),
});
