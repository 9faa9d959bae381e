import type { InvitationMail } from '../users/invitation.js';
import type { User } from '../users/user.js';
import type { IssuedLink, PasswordLinkMail } from '../sign-in/passwords/password-link.js';
import type { MailMessage, Mailer } from './mailer.js';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escape = (text: string): string => text.replace(/[&<>"']/g, (c) => ENTITIES[c]!);

/** A date and time in an unambiguous format, such as `24 November 2026, 05:00 UTC`. */
const when = (date: Date): string =>
  `${date.toLocaleString('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).replace(' at ', ', ')} UTC`;

const WORDS = {
  INVITATION: {
    subject: 'You are invited to Keywright',
    why: (by: string) => `${by} invited you to Keywright. Choose a password to sign in:`,
    action: 'Choose a password',
    otherwise: 'If you did not expect this, ignore this e-mail.',
  },
  OFFER: {
    subject: 'You are invited to Keywright',
    why: (by: string) => `${by} invited you to Keywright. Open this link to accept:`,
    action: 'Open the invitation',
    otherwise: 'If you did not expect this, ignore this e-mail.',
  },
  RESET: {
    subject: 'Choose a new password for Keywright',
    why: () => 'Use this link to choose a new password for Keywright:',
    action: 'Choose a new password',
    otherwise: 'If you did not request this, ignore this e-mail. Your password stays the same.',
  },
} as const;

/** The e-mail with a link to choose a password. */
export function passwordMail({
  kind,
  url,
  user,
  by,
  expiresAt,
}: Pick<IssuedLink, 'url' | 'by' | 'expiresAt'> & {
  /** OFFER is for people who may already have an account: it does not mention a password. */
  readonly kind: keyof typeof WORDS;
  readonly user: Pick<User, 'name' | 'email'>;
}): MailMessage {
  const words = WORDS[kind];
  const greeting = `Hello ${user.name},`;
  const validity = `The link works once and expires on ${when(expiresAt)}.`;
  const why = words.why(by.name);
  return {
    to: { name: user.name, address: user.email },
    subject: words.subject,
    text: [greeting, why, url, validity, words.otherwise].join('\n\n') + '\n',
    html: [
      '<!doctype html><html lang="en"><body style="font-family: sans-serif">',
      `<p>${escape(greeting)}</p>`,
      `<p>${escape(why)}</p>`,
      `<p><a href="${escape(url)}">${words.action}</a></p>`,
      `<p>${escape(validity)}</p>`,
      `<p>${words.otherwise}</p>`,
      '</body></html>',
    ].join('\n'),
  };
}

/** Sends invitations through a mailer. */
export const invitationMail = (mailer: Mailer): InvitationMail => ({
  enabled: mailer.enabled,
  send: ({ url, name, email, issuer, expiresAt }) =>
    mailer.send(passwordMail({ kind: 'OFFER', url, user: { name, email }, by: issuer, expiresAt })),
});

/** Sends links to choose a password through a mailer. */
export const passwordLinkMail = (mailer: Mailer): PasswordLinkMail => ({
  enabled: mailer.enabled,
  send: (link) => mailer.send(passwordMail(link)),
});
