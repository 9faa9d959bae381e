import { defineDialogs } from '../../composables/define-dialogs.js';

/** The dialogs of the user's own account. */
export const profileDialogs = defineDialogs({
  password: () => import('./ChangePasswordDialog.vue'),
  setUp: () => import('./TwoFactorDialog.vue'),
  renewCodes: () => import('./RenewCodesDialog.vue'),
  turnOff: () => import('./TurnOffDialog.vue'),
});
