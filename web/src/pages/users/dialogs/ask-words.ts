import type { UserRowFragment } from '../../../gql/graphql.js';
import type { UserQuestion } from '../use-user-dialogs.js';

/** What a dialog says before something is done to a user. */
interface AskWords {
  title: string;
  description: string;
  action: string;
  danger?: boolean;
}

/** The words of each question about one user. */
export function wordsOf(question: UserQuestion, user: UserRowFragment): AskWords {
  const { name, status } = user;
  switch (question) {
    case 'link':
      return status === 'INVITED'
        ? {
            title: `New invitation link for ${name}`,
            description: 'The link that they were given before stops working.',
            action: 'Make the link',
          }
        : {
            title: `Password link for ${name}`,
            description:
              'They can choose a new password with it, once. Until they do, the present one goes on working.',
            action: 'Make the link',
          };
    case 'factor':
      return {
        title: `Take away the second factor of ${name}`,
        description:
          'For someone who lost the device and the recovery codes. Be sure that it is really them who asks: their password alone opens the account then.',
        action: 'Take it away',
        danger: true,
      };
    case 'sessions':
      return {
        title: `End all sessions of ${name}`,
        description: 'They have to sign in again, everywhere. Keys that they made go on working.',
        action: 'End sessions',
        danger: true,
      };
  }
}
