import { defineDialogs } from '../../composables/define-dialogs.js';

/** The dialogs of the catalog of permissions. */
export const permissionDialogs = defineDialogs({ form: () => import('./Form.vue') });
