import { defineDialogs } from '../../composables/define-dialogs.js';

/** The dialogs of roles. */
export const roleDialogs = defineDialogs({ form: () => import('./Form.vue') });
