import { defineDialogs } from '../../composables/define-dialogs.js';

/** The dialogs of users. */
export const userDialogs = defineDialogs({
  form: () => import('./Form.vue'),
  switch: () => import('./dialogs/SwitchDialog.vue'),
  link: () => import('./dialogs/LinkDialog.vue'),
});
