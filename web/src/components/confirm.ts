import { defineDialogs } from '../composables/define-dialogs.js';

const dialogs = defineDialogs({ question: () => import('./SendDialog.vue') });

/** What a confirmation says, and what it does when confirmed. */
export interface Question {
  readonly title: string;
  readonly description: string;
  readonly submitLabel: string;
  /** The action cannot be undone. */
  readonly danger?: boolean;
  readonly send: () => Promise<unknown>;
}

/** Asks before an action; an error is shown in the dialog, which then stays open. */
export function confirm({ send, ...words }: Question): void {
  dialogs.open('question', { ...words, send: async () => void (await send()) });
}
