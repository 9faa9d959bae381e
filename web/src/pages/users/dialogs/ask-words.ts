import type { UserRowFragment } from '../../../gql/graphql.js';
import type { UserQuestion } from '../use-user-dialogs.js';

/** The text of a confirmation dialog. */
interface AskWords {
  title: string;
  description: string;
  action: string;
  danger?: boolean;
}

/** The text of each confirmation about a user. */
export function wordsOf(question: UserQuestion, user: UserRowFragment): AskWords {
  const { name, status } = user;
  switch (question) {
    case 'link':
      return status === 'INVITED'
        ? {
            title: `New invitation link for ${name}`,
            description: 'The previous link stops working.',
            action: 'Create link',
          }
        : {
            title: `Password link for ${name}`,
            description:
              'They can use it once to choose a new password. Until then, the current one keeps working.',
            action: 'Create link',
          };
    case 'factor':
      return {
        title: `Reset two-factor for ${name}`,
        description:
          'For someone who lost their device and recovery codes. Make sure the request really comes from them: afterwards, their password alone is enough to sign in.',
        action: 'Reset',
        danger: true,
      };
    case 'sessions':
      return {
        title: `End all sessions of ${name}`,
        description: 'They have to sign in again on every device. The keys they created keep working.',
        action: 'End sessions',
        danger: true,
      };
  }
}
