import type { MailConfig } from '../../config/config.js';
import { NO_MAILER } from './mailer.js';
import { SmtpMailer } from './mailer.smtp.js';
import { invitationMail, passwordLinkMail } from './password-mail.js';

/** The e-mails that Keywright sends; none without a mail server. */
export function createNotifications(
  mail: MailConfig | undefined,
  log: (message: string, error?: unknown) => void,
) {
  const mailer = mail ? new SmtpMailer(mail, log) : NO_MAILER;
  return {
    mailEnabled: mailer.enabled,
    invitations: invitationMail(mailer),
    passwordLinks: passwordLinkMail(mailer),
  };
}
